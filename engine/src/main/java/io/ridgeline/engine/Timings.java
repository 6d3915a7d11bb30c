package io.ridgeline.engine;

/// How long things take. They decide when something is tried, never whether it is allowed.
///
/// @param heartbeatNanos between two heartbeats to a peer
/// @param detectorNanos silence after which a peer is down; also how long a node listens after its
///   start or its own pause before it suspects anybody
/// @param lostNanos the same while there is no connection to it: a process that ends takes its
///   connections with it
/// @param stepNanos between the takeover attempts of two ranks; longer than a normal takeover
/// @param takeoverNanos a candidate that makes no progress for so long gives up
/// @param resendNanos first wait before unacknowledged messages are sent again; doubles
/// @param resendMaxNanos the longest such wait
/// @param bufferAgeNanos how long a write waits in the write buffer at most
/// @param transferHoldNanos how long an older, level replica has been so before it gets its
///   partition back; doubles on flapping. 0: never
/// @param transferNanos how long a transfer may hold writes
/// @param syncLateNanos a coordinator whose sync takes longer hands over
public record Timings(
        long heartbeatNanos,
        long detectorNanos,
        long lostNanos,
        long stepNanos,
        long takeoverNanos,
        long resendNanos,
        long resendMaxNanos,
        long bufferAgeNanos,
        long transferHoldNanos,
        long transferNanos,
        long syncLateNanos) {

    private static final long MILLI = 1_000_000;

    /// Timings for a local network.
    public static final Timings DEFAULT =
            new Timings(
                    100 * MILLI,
                    1_500 * MILLI,
                    300 * MILLI,
                    400 * MILLI,
                    3_000 * MILLI,
                    150 * MILLI,
                    3_000 * MILLI,
                    5_000 * MILLI,
                    30_000 * MILLI,
                    2_000 * MILLI,
                    2_000 * MILLI);
}
