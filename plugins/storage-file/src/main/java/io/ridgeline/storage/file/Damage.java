package io.ridgeline.storage.file;

import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Condition.IndexRange;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What is known to be lost of one log. Any thread may call it.
final class Damage {
    private static final int NOTED_MAX = 100_000;

    private final NavigableSet<Long> indexes = new TreeSet<>();
    private @Nullable String blankReason;

    synchronized void blank(String reason) {
        if (blankReason == null) {
            blankReason = reason;
        }
    }

    /// Notes that an entry cannot be read.
    synchronized void add(long index) {
        // What is not noted is found again when it is read.
        if (indexes.size() < NOTED_MAX) {
            indexes.add(index);
        }
    }

    synchronized void repaired(long index) {
        indexes.remove(index);
    }

    synchronized void truncateAfter(long lastIndex) {
        indexes.tailSet(lastIndex, false).clear();
    }

    synchronized void clear() {
        indexes.clear();
        blankReason = null;
    }

    synchronized Condition condition() {
        if (blankReason != null) {
            return new Condition.Blank(blankReason);
        }
        return indexes.isEmpty() ? new Condition.Clean() : new Condition.Damaged(ranges());
    }

    private List<IndexRange> ranges() {
        List<IndexRange> ranges = new ArrayList<>();
        long first = -1;
        long last = -1;
        for (long index : indexes) {
            if (index != last + 1 || first < 0) {
                if (first >= 0) {
                    ranges.add(new IndexRange(first, last));
                }
                first = index;
            }
            last = index;
        }
        ranges.add(new IndexRange(first, last));
        return ranges;
    }
}
