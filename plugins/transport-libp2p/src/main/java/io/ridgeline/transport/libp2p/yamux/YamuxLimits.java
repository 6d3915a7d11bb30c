package io.ridgeline.transport.libp2p.yamux;

/// What one connection may cost us.
///
/// @param inboundStreamsMax streams that the peer may have open; more are reset
/// @param unacknowledgedMax streams that we open before the peer answers
/// @param windowBytes bytes in flight per stream and direction, at least 256 KiB
/// @param pingsPerTickMax pings that the peer may send between two calls of [YamuxSession#onTick];
///   more end the connection
/// @param opensPerTickMax the same for streams that it opens
public record YamuxLimits(
        int inboundStreamsMax,
        int unacknowledgedMax,
        int windowBytes,
        int pingsPerTickMax,
        int opensPerTickMax) {
    /// The window that every stream starts with.
    public static final int INITIAL_WINDOW_BYTES = 256 * 1024;

    /// What others have, too.
    public static final YamuxLimits DEFAULT = new YamuxLimits(1_000, 256, 1024 * 1024, 64, 2_000);

    public YamuxLimits {
        if (windowBytes < INITIAL_WINDOW_BYTES || windowBytes > 16 * 1024 * 1024) {
            throw new IllegalArgumentException("window of " + windowBytes + " bytes");
        }
    }
}
