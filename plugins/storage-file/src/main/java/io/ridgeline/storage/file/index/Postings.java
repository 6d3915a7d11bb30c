package io.ridgeline.storage.file.index;

import java.util.Arrays;

/// Entries that may hold events of a stream, with the version that each begins with; of several
/// sources, sorted together. Not thread-safe.
public final class Postings {
    private static final long[] NONE = new long[0];
    private static final int CAPACITY_MIN = 16;

    /// Most look-ups of an event id find nothing, and each append makes one per event.
    private long[] versions = NONE;

    private long[] indexes = NONE;
    private int count;

    /// Adds one.
    public void add(long version, long index) {
        if (count == versions.length) {
            int capacity = Math.max(CAPACITY_MIN, count * 2);
            versions = Arrays.copyOf(versions, capacity);
            indexes = Arrays.copyOf(indexes, capacity);
        }
        versions[count] = version;
        indexes[count] = index;
        count++;
    }

    /// {@return how many there are}
    public int count() {
        return count;
    }

    /// {@return the version of one}
    public long version(int posting) {
        return versions[posting];
    }

    /// {@return the entry of one}
    public long index(int posting) {
        return indexes[posting];
    }

    /// Drops the oldest of those added from a place on, if there are too many: all but the last
    /// `most` in order of addition, but never some of equal versions only.
    void keepLast(int from, int most) {
        int start = count - most;
        while (start > from && versions[start] == versions[start - 1]) {
            start--;
        }
        if (start > from) {
            System.arraycopy(versions, start, versions, from, count - start);
            System.arraycopy(indexes, start, indexes, from, count - start);
            count -= start - from;
        }
    }

    /// Sorts by version and cuts what is beyond a number, but never between equal versions.
    public void sort(boolean ascending, int most) {
        // Nearly sorted already: each source is.
        for (int i = 1; i < count; i++) {
            long version = versions[i];
            long index = indexes[i];
            int at = i;
            while (at > 0
                    && (ascending ? versions[at - 1] > version : versions[at - 1] < version)) {
                versions[at] = versions[at - 1];
                indexes[at] = indexes[at - 1];
                at--;
            }
            versions[at] = version;
            indexes[at] = index;
        }
        int kept = Math.min(count, most);
        while (kept > 0 && kept < count && versions[kept] == versions[kept - 1]) {
            kept++;
        }
        count = kept;
    }
}
