package io.ridgeline.engine.replica;

import io.ridgeline.spi.storage.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The coordinator's newest entries, so that level replicas are sent what was just made, not what
/// was read back. Bounded in bytes; older ones are read from the log.
final class RecentEntries {
    private final long bytesMax;
    private @Nullable Entry[] entries = new @Nullable Entry[64];

    /// Bytes of all entries of the reign before each one.
    private long[] bytesBefore = new long[64];

    private int head;
    private int size;
    private long firstIndex;
    private long bytesEnd;

    /// @param nextIndex the first entry that will be added
    RecentEntries(long nextIndex, long bytesMax) {
        this.firstIndex = nextIndex;
        this.bytesMax = bytesMax;
    }

    long firstIndex() {
        return firstIndex;
    }

    void add(Entry entry) {
        if (size == entries.length) {
            grow();
        }
        int at = (head + size) & (entries.length - 1);
        entries[at] = entry;
        bytesBefore[at] = bytesEnd;
        bytesEnd += entry.lengthBytes();
        size++;
        while (size > 1 && bytesEnd - bytesBefore[head] > bytesMax) {
            dropFirst();
        }
    }

    /// Drops what every replica has.
    void dropUpTo(long index) {
        while (size > 0 && firstIndex <= index) {
            dropFirst();
        }
    }

    /// {@return the bytes of the entries between two indexes, the first excluded, as far as they
    /// are known here}
    long bytesBetween(long afterIndex, long lastIndex) {
        return bytesUpTo(lastIndex) - bytesUpTo(afterIndex);
    }

    private long bytesUpTo(long index) {
        long place = index - firstIndex + 1;
        if (size == 0 || place >= size) {
            return bytesEnd;
        }
        return bytesBefore[(head + (int) Math.max(0, place)) & (entries.length - 1)];
    }

    /// {@return consecutive entries from an index on that is not below the first}
    List<Entry> from(long index, long bytesLimit, int entriesLimit) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        for (int place = (int) (index - firstIndex); place < size; place++) {
            Entry entry = entries[(head + place) & (entries.length - 1)];
            if (entry == null) {
                throw new IllegalStateException("no entry at place " + place);
            }
            bytes += entry.lengthBytes();
            if (!found.isEmpty() && (bytes > bytesLimit || found.size() >= entriesLimit)) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    private void dropFirst() {
        entries[head] = null;
        head = (head + 1) & (entries.length - 1);
        size--;
        firstIndex++;
    }

    private void grow() {
        int length = entries.length;
        @Nullable Entry[] more = new @Nullable Entry[2 * length];
        long[] moreBytes = new long[2 * length];
        for (int i = 0; i < size; i++) {
            int at = (head + i) & (length - 1);
            more[i] = entries[at];
            moreBytes[i] = bytesBefore[at];
        }
        entries = more;
        bytesBefore = moreBytes;
        head = 0;
    }
}
