package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;

/// `/ridgeline/replication/1`: one stream per lane and direction, for the life of a connection.
///
/// Whoever sends opens the stream. It writes one byte that names the lane, then messages, each a
/// varint of its length and its bytes. The receiver writes credits back: varints that say how many
/// bytes more it takes. Credit is given when a message has been *handled*, so a slow handler stops
/// its sender, whatever the muxer below grants. A sender starts with [#INITIAL_CREDIT_BYTES].
final class LaneProtocol {
    static final String ID = "/ridgeline/replication/1";

    /// A transaction of 8 MiB and what is said about it.
    static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024 + 64 * 1024;

    /// What a lane may hold of messages that have not been handled. Credit is returned in quarters
    /// of it, and what is out then must still carry one message of any size.
    static final int WINDOW_BYTES = MESSAGE_BYTES_MAX + MESSAGE_BYTES_MAX / 2;

    static final int GRANT_BYTES = WINDOW_BYTES / 4;

    static final int INITIAL_CREDIT_BYTES = 256 * 1024;

    private LaneProtocol() {}

    static byte code(Lane lane) {
        return switch (lane) {
            case CONTROL -> 1;
            case REPLICATION -> 2;
            case BULK -> 3;
        };
    }

    static Lane lane(byte code) {
        return switch (code) {
            case 1 -> Lane.CONTROL;
            case 2 -> Lane.REPLICATION;
            case 3 -> Lane.BULK;
            default -> throw new MalformedException("lane " + code);
        };
    }
}
