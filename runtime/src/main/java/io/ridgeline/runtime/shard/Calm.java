package io.ridgeline.runtime.shard;

/// Knows whether work comes one small piece at a time, so that who brings a piece may do it itself
/// (decision 7). Batches form while the owner is at work and others put; a guest would break them.
///
/// Belongs to whoever holds the shard.
final class Calm {
    /// So many turns in a row wrote one thing.
    private static final int LONE_TURNS_MIN = 4;

    /// A peer's message that is larger than this carries more than one append, or much of one.
    private static final int MESSAGE_BYTES_MAX = 2_048;

    /// What comes sooner after a turn had waited for its end: one who waits alone sends when he has
    /// his answer, a way through two processes later.
    private static final long QUIET_NANOS = 20_000;

    /// A guest's thread has other connections to serve, so it never runs turns on a slow disk.
    private static final long SYNC_NANOS_MAX = 1_000_000;

    private int loneTurns;
    private long wroteNanos;
    private long syncNanos;

    /// A turn wrote.
    ///
    /// @param appends how many appends of callers were in it
    /// @param bytes of all that was in it
    void onWrote(int appends, int bytes, long nowNanos) {
        loneTurns = isSmall(appends, bytes) ? loneTurns + 1 : 0;
        wroteNanos = nowNanos;
    }

    /// A sync took so long.
    void onSynced(long nanos) {
        syncNanos = nanos;
    }

    /// {@return whether this is a piece of the kind that a guest does: one append, or a small
    /// message of a peer}
    static boolean isSmall(ShardInput input) {
        return isSmall(input.appends(), input.bytes());
    }

    private static boolean isSmall(int appends, int bytes) {
        return appends == 1 || (appends == 0 && bytes <= MESSAGE_BYTES_MAX);
    }

    /// {@return whether who brings this piece may do it. An acknowledgement may come right after
    /// the write that it is for; an append that does had waited}
    boolean admits(ShardInput input, long nowNanos) {
        return loneTurns >= LONE_TURNS_MIN
                && syncNanos <= SYNC_NANOS_MAX
                && (input.appends() == 0 || nowNanos - wroteNanos >= QUIET_NANOS);
    }
}
