package io.ridgeline.spi.storage;

/// Names an entry of a partition's log. Two numbers, since an index alone says nothing about which
/// of several entries that stood there is meant (protocol review, C5, C7).
///
/// @param index from 1; 0 for "before the first entry"
/// @param epoch the epoch of the entry at that index; 0 with index 0
public record LogPosition(long index, long epoch) {
    /// Before the first entry.
    public static final LogPosition NONE = new LogPosition(0, 0);

    @Override
    public String toString() {
        return index + "@" + epoch;
    }
}
