package io.ridgeline.spi.quorum;

/// How many replicas of a partition a write (W) and a takeover (T) need. Holds for `replicas` N: 1
/// ≤ W, T ≤ N, W + T > N, so that every takeover meets every confirmed write, and 2T > N, so that
/// no two takeovers win one epoch (protocol review, C2).
///
/// @param replicas N, from 1 on
/// @param write W
/// @param takeover T
public record Quorum(int replicas, int write, int takeover) {
    public Quorum {
        if (replicas < 1
                || write < 1
                || write > replicas
                || takeover < 1
                || takeover > replicas
                || write + takeover <= replicas
                || 2 * takeover <= replicas) {
            throw new IllegalArgumentException(
                    "quorum of "
                            + replicas
                            + " replicas with write "
                            + write
                            + " and takeover "
                            + takeover
                            + ": needs 1 <= W, T <= N, W + T > N and 2T > N");
        }
    }

    /// {@return the smallest takeover quorum that fits a write quorum}
    public static Quorum forWrite(int replicas, int write) {
        return new Quorum(replicas, write, Math.max(replicas - write + 1, replicas / 2 + 1));
    }
}
