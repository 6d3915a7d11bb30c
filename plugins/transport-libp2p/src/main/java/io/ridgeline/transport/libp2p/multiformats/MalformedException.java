package io.ridgeline.transport.libp2p.multiformats;

/// Bytes or text that do not follow their format. Whoever sent them is cut off.
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }

    public MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}
