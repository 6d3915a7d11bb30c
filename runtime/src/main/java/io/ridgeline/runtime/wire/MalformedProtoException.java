package io.ridgeline.runtime.wire;

/// Bytes that are no message of ours.
public final class MalformedProtoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedProtoException(String message) {
        super(message, null, false, false);
    }
}
