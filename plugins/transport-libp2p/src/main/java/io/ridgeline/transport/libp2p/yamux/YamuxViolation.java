package io.ridgeline.transport.libp2p.yamux;

/// A peer that broke the rules, or flooded us: the connection ends.
public final class YamuxViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    YamuxViolation(String message) {
        super(message);
    }
}
