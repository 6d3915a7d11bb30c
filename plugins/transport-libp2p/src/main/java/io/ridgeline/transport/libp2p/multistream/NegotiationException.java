package io.ridgeline.transport.libp2p.multistream;

/// Two sides that cannot agree on a protocol, or one that does not speak multistream-select.
public final class NegotiationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NegotiationException(String message) {
        super(message);
    }
}
