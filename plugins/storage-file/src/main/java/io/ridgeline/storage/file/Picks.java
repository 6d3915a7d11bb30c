package io.ridgeline.storage.file;

import io.ridgeline.spi.storage.Entry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The places of entries that a query will return, in the order in which it will.
final class Picks {
    private final int bytesMax;
    private long bytes;
    private int count;
    private long[] indexes = new long[16];
    private long[] locations = new long[16];
    private int[] lengths = new int[16];
    private @Nullable Entry[] entries = new @Nullable Entry[16];

    Picks(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// {@return whether another entry is wanted}
    boolean isOpen() {
        return count == 0 || bytes < bytesMax;
    }

    void add(long index, long location, int length, @Nullable Entry entry) {
        if (count == indexes.length) {
            indexes = Arrays.copyOf(indexes, count * 2);
            locations = Arrays.copyOf(locations, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
            entries = Arrays.copyOf(entries, count * 2);
        }
        indexes[count] = index;
        locations[count] = location;
        lengths[count] = length;
        entries[count] = entry;
        count++;
        bytes += length;
    }

    int count() {
        return count;
    }

    long index(int pick) {
        return indexes[pick];
    }

    long location(int pick) {
        return locations[pick];
    }

    int length(int pick) {
        return lengths[pick];
    }

    @Nullable Entry entry(int pick) {
        return entries[pick];
    }
}
