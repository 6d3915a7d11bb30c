package io.ridgeline.transport.libp2p.noise;

/// A connection that did not come to be.
public final class HandshakeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final HandshakeFailure failure;

    public HandshakeException(HandshakeFailure failure, String message) {
        super(failure + ": " + message);
        this.failure = failure;
    }

    public HandshakeException(HandshakeFailure failure, String message, Throwable cause) {
        super(failure + ": " + message, cause);
        this.failure = failure;
    }

    /// {@return the word to count it by}
    public HandshakeFailure failure() {
        return failure;
    }
}
