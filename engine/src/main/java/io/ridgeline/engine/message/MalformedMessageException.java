package io.ridgeline.engine.message;

/// Bytes that are no message of this protocol, or of a major version that is not known.
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was found, and what was expected
    public MalformedMessageException(String message) {
        super(message);
    }
}
