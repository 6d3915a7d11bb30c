package io.ridgeline.storage.file.index;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The runs of a bucket at one moment, oldest entries first. Held until it is closed.
public final class RunSet implements AutoCloseable {
    private final List<Run> runs;
    private final AtomicInteger users = new AtomicInteger(1);

    /// Holds the runs.
    public RunSet(List<Run> runs) {
        this.runs = List.copyOf(runs);
        this.runs.forEach(Run::retain);
    }

    /// {@return the runs}
    public List<Run> runs() {
        return runs;
    }

    /// Holds the set once more. Called where it cannot be given up meanwhile.
    public RunSet retain() {
        users.incrementAndGet();
        return this;
    }

    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            runs.forEach(Run::release);
        }
    }

    /// {@return the last index of a log that is in a run; 0 for none}
    public long lastIndex(int logId) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            EntryTable.@Nullable Range range = runs.get(i).entries.range(logId);
            if (range != null) {
                return range.lastIndex();
            }
        }
        return 0;
    }

    /// {@return the sequence behind the last entry of a log that is in a run}
    public long nextSequence(int logId) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            EntryTable.@Nullable Range range = runs.get(i).entries.range(logId);
            if (range != null) {
                return range.nextSequence();
            }
        }
        return 0;
    }

    /// {@return a cursor over the entries of a log}
    public Cursor cursor(int logId) {
        return new Cursor(logId);
    }

    /// {@return the last index whose first sequence is not above a sequence, or −1}
    public long indexOfSequence(int logId, long sequence) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            EntryTable table = runs.get(i).entries;
            EntryTable.@Nullable Range range = table.range(logId);
            if (range != null && range.firstSequence() <= sequence) {
                return table.indexOfSequence(range, sequence);
            }
        }
        return -1;
    }

    /// {@return the last index, not above a bound, of a configuration; −1 without}
    public long lastConfiguration(int logId, long lastIndex) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            EntryTable table = runs.get(i).entries;
            EntryTable.@Nullable Range range = table.range(logId);
            long index = range == null ? -1 : table.lastConfiguration(range, lastIndex);
            if (index >= 0) {
                return index;
            }
        }
        return -1;
    }

    /// Gathers the entries of an id.
    ///
    /// @param anyPartitionKey whether only the part of the key counts that is the id
    public void findId(long key, boolean anyPartitionKey, Postings found) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            runs.get(i).ids.findId(key, anyPartitionKey, found);
        }
    }

    /// Gathers postings of a stream behind a version, or up to it, newest first.
    public void postings(long key, long version, boolean forward, int most, Postings found) {
        for (Run run : runs) {
            if (forward) {
                run.streams.postingsBehind(key, version, most, found);
            } else {
                run.streams.postingsUpTo(key, version, most, found);
            }
        }
    }

    /// The entries of one log. Good while its set is held.
    public final class Cursor {
        private final int logId;
        private EntryTable.@Nullable Block block;
        private int row;

        private Cursor(int logId) {
            this.logId = logId;
        }

        /// Moves to an index.
        ///
        /// @return whether it is there
        public boolean seek(long index) {
            EntryTable.@Nullable Block known = block;
            if (known == null || !known.holds(index)) {
                known = find(index);
                block = known;
            }
            if (known != null) {
                row = (int) (index - known.firstIndex);
            }
            return known != null;
        }

        private EntryTable.@Nullable Block find(long index) {
            for (Run run : runs) {
                EntryTable.@Nullable Range range = run.entries.range(logId);
                if (range != null && index >= range.firstIndex() && index <= range.lastIndex()) {
                    return run.entries.block(logId, index);
                }
            }
            return null;
        }

        private EntryTable.Block current() {
            if (block == null) {
                throw new IllegalStateException("on no entry");
            }
            return block;
        }

        /// {@return where the entry lies}
        public long location() {
            return current().locations[row];
        }

        /// {@return the length of the encoded entry}
        public int length() {
            return current().lengths[row];
        }

        /// {@return the number of its events}
        public int eventCount() {
            return current().events[row];
        }

        /// {@return the sequence of its first event, or of the next one if it has none}
        public long firstSequence() {
            return current().sequences[row];
        }

        /// {@return its epoch}
        public long epoch() {
            return current().epochs[row];
        }
    }
}
