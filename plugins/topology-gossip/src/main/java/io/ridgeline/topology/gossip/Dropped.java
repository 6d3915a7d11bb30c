package io.ridgeline.topology.gossip;

/// Why something that came by datagram is not used. Cheap to make: it may be made for every packet
/// of a flood, so it has no stack trace.
final class Dropped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The kinds of reasons, each counted by itself.
    enum Cause {
        OVERSIZED,
        MALFORMED,
        VERSION,
        CLUSTER,
        KEY,
        NOT_ALLOWED,
        NAME_TAKEN,
        ADDRESS,
        SIGNATURE,
        FOUNDERS,
        TOO_MANY,
        RATE
    }

    private final Cause reason;

    /// @param message may hold what a stranger sent, as it came
    Dropped(Cause reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    Cause reason() {
        return reason;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
