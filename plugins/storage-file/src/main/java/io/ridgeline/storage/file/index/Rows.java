package io.ridgeline.storage.file.index;

import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.storage.file.segment.Location;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The entries at the end of one log, one row each, from the first that is in no run. Not
/// thread-safe.
public final class Rows {
    private static final int CAPACITY_MIN = 16;

    private long firstIndex;
    private int count;
    private long[] locations = new long[CAPACITY_MIN];
    private int[] lengths = new int[CAPACITY_MIN];
    private int[] events = new int[CAPACITY_MIN];
    private long[] sequences = new long[CAPACITY_MIN];
    private long[] epochs = new long[CAPACITY_MIN];
    private byte[] kinds = new byte[CAPACITY_MIN];
    private @Nullable Entry[] entries = new @Nullable Entry[CAPACITY_MIN];

    /// No rows.
    ///
    /// @param firstIndex of the row that comes first
    public Rows(long firstIndex) {
        this.firstIndex = firstIndex;
    }

    /// {@return the index of the first row, if there is one}
    public long firstIndex() {
        return firstIndex;
    }

    /// {@return the index behind the last row}
    public long indexEnd() {
        return firstIndex + count;
    }

    /// {@return whether there is a row of that index}
    public boolean holds(long index) {
        return index >= firstIndex && index < firstIndex + count;
    }

    /// Adds a row behind the last.
    public void add(
            long location,
            int length,
            int eventCount,
            long firstSequence,
            long epoch,
            int kind,
            @Nullable Entry entry) {
        if (count == locations.length) {
            resize(count * 2);
        }
        set(count++, location, length, eventCount, firstSequence, epoch, kind, entry);
    }

    private void set(
            int row,
            long location,
            int length,
            int eventCount,
            long firstSequence,
            long epoch,
            int kind,
            @Nullable Entry entry) {
        locations[row] = location;
        lengths[row] = length;
        events[row] = eventCount;
        sequences[row] = firstSequence;
        epochs[row] = epoch;
        kinds[row] = (byte) kind;
        entries[row] = entry;
    }

    /// Fills a row that was missing.
    public void fill(
            long index,
            long location,
            int length,
            int eventCount,
            long firstSequence,
            long epoch,
            int kind,
            @Nullable Entry entry) {
        set(
                (int) (index - firstIndex),
                location,
                length,
                eventCount,
                firstSequence,
                epoch,
                kind,
                entry);
    }

    /// Corrects the rows behind one that was missing: those without events stand before the next
    /// event, whose sequence it has only now told.
    ///
    /// @return whether they all are without events and none is missing
    public boolean settleSequences(long index) {
        int row = row(index);
        long next = sequences[row] + events[row];
        while (++row < count) {
            if (events[row] > 0) {
                return false;
            }
            sequences[row] = next;
            if (locations[row] == Location.NOWHERE) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether the last rows do not tell the next sequence, since they have no events and
    /// the one before them is missing}
    public boolean endsBehindGap() {
        int row = count - 1;
        while (row >= 0 && events[row] == 0 && locations[row] != Location.NOWHERE) {
            row--;
        }
        return row >= 0 && locations[row] == Location.NOWHERE;
    }

    private void resize(int capacity) {
        locations = Arrays.copyOf(locations, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        events = Arrays.copyOf(events, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        epochs = Arrays.copyOf(epochs, capacity);
        kinds = Arrays.copyOf(kinds, capacity);
        entries = Arrays.copyOf(entries, capacity);
    }

    /// Drops the rows behind an index.
    public void truncateAfter(long lastIndex) {
        int kept = (int) Math.max(0, lastIndex + 1 - firstIndex);
        if (kept < count) {
            Arrays.fill(entries, kept, count, null);
            count = kept;
        }
    }

    /// Drops the rows up to an index.
    public void dropThrough(long index) {
        int dropped = Math.clamp(index + 1 - firstIndex, 0, count);
        int kept = count - dropped;
        Rows rest = new Rows(index + 1);
        rest.resize(Math.max(CAPACITY_MIN, Integer.highestOneBit(kept) * 2));
        copyTo(rest, dropped, kept);
        locations = rest.locations;
        lengths = rest.lengths;
        events = rest.events;
        sequences = rest.sequences;
        epochs = rest.epochs;
        kinds = rest.kinds;
        entries = rest.entries;
        firstIndex = index + 1;
        count = kept;
    }

    /// {@return a copy of the rows up to an index, without their entries}
    public Rows copyThrough(long index) {
        Rows copy = new Rows(firstIndex);
        int rows = Math.clamp(index + 1 - firstIndex, 0, count);
        copy.resize(Math.max(CAPACITY_MIN, rows));
        copyTo(copy, 0, rows);
        Arrays.fill(copy.entries, null);
        return copy;
    }

    private void copyTo(Rows other, int from, int rows) {
        System.arraycopy(locations, from, other.locations, 0, rows);
        System.arraycopy(lengths, from, other.lengths, 0, rows);
        System.arraycopy(events, from, other.events, 0, rows);
        System.arraycopy(sequences, from, other.sequences, 0, rows);
        System.arraycopy(epochs, from, other.epochs, 0, rows);
        System.arraycopy(kinds, from, other.kinds, 0, rows);
        System.arraycopy(entries, from, other.entries, 0, rows);
        other.count = rows;
    }

    private int row(long index) {
        if (!holds(index)) {
            throw new IllegalArgumentException(
                    "index " + index + " is not in " + firstIndex + " to " + (indexEnd() - 1));
        }
        return (int) (index - firstIndex);
    }

    /// {@return where the entry lies}
    public long location(long index) {
        return locations[row(index)];
    }

    /// {@return the length of the encoded entry}
    public int length(long index) {
        return lengths[row(index)];
    }

    /// {@return the number of its events}
    public int eventCount(long index) {
        return events[row(index)];
    }

    /// {@return the sequence of its first event, or that of the next one if it has none}
    public long firstSequence(long index) {
        return sequences[row(index)];
    }

    /// {@return its epoch}
    public long epoch(long index) {
        return epochs[row(index)];
    }

    /// {@return the code of its kind}
    public int kind(long index) {
        return kinds[row(index)];
    }

    /// {@return the entry itself if it is kept in memory}
    public @Nullable Entry entry(long index) {
        return entries[row(index)];
    }

    /// Lets go of an entry that can be read from disk.
    public void forget(Entry entry) {
        if (holds(entry.index()) && entries[row(entry.index())] == entry) {
            entries[row(entry.index())] = null;
        }
    }

    /// {@return the last index whose first sequence is not above a sequence, or −1}
    public long indexOfSequence(long sequence) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (sequences[middle] <= sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        // Entries without events share their sequence with the next one that has some.
        return high < 0 ? -1 : firstIndex + high;
    }

    /// {@return the last index, not above a bound, of an entry of kind configuration; −1 without}
    public long lastConfiguration(long lastIndex) {
        long index = Math.min(lastIndex, indexEnd() - 1);
        while (index >= firstIndex
                && kinds[(int) (index - firstIndex)] != EntryKind.CONFIGURATION.code()) {
            index--;
        }
        return index < firstIndex ? -1 : index;
    }
}
