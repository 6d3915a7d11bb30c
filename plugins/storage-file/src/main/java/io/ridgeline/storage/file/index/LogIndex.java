package io.ridgeline.storage.file.index;

/// An entry's log and index in one number, never 0.
public final class LogIndex {
    private static final int INDEX_BITS = 40;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    private LogIndex() {}

    /// {@return both in one}
    ///
    /// @throws IllegalArgumentException if one of them is too large: logs up to 2^24, indexes up to
    ///   2^40
    public static long of(int logId, long index) {
        if (logId >>> 24 != 0 || index < 1 || index > INDEX_MASK) {
            throw new IllegalArgumentException("log " + logId + ", index " + index);
        }
        return (long) logId << INDEX_BITS | index;
    }

    /// {@return the log}
    public static int logId(long both) {
        return (int) (both >>> INDEX_BITS);
    }

    /// {@return the index}
    public static long index(long both) {
        return both & INDEX_MASK;
    }
}
