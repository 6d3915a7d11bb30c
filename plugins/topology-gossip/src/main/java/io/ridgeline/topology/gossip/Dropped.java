package io.ridgeline.topology.gossip;

/// Why something that came by datagram is not used. Cheap to make: it may be made for every packet
/// of a flood, so it has no stack trace.
final class Dropped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The kinds of reasons, each counted by itself.
    enum Cause {
        /// A datagram that is longer than any of ours.
        OVERSIZED,
        /// Bytes that do not follow their format.
        MALFORMED,
        /// A format that this node does not know.
        VERSION,
        /// Another cluster's.
        CLUSTER,
        /// Sent with another cluster key, or with one where none is expected, or the reverse.
        KEY,
        /// A member that the list of those who may join does not have.
        NOT_ALLOWED,
        /// A name or an identity that belongs to another member.
        NAME_TAKEN,
        /// An address that the transport can make nothing of.
        ADDRESS,
        /// A state that its owner has not signed.
        SIGNATURE,
        /// A member of a cluster that was founded by others.
        FOUNDERS,
        /// No room for another member.
        TOO_MANY,
        /// More than is verified at a time.
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
