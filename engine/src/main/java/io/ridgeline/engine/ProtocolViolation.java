package io.ridgeline.engine;

/// A state that cannot be: our bug, or a broken peer or disk. Stops the partition; wrong is worse
/// than down.
public final class ProtocolViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was found, and what was expected
    public ProtocolViolation(String message) {
        super(message);
    }
}
