package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A sorted table from log and index to where the entry lies, one row per entry, and per log a
/// range of consecutive indexes. Blocks belong to one log each.
final class EntryTable implements AutoCloseable {
    private static final int ROWS_EACH = 128;

    /// Flags of a row, below the number of its events.
    private static final int CONFIGURATION = 1;

    private static final int EPOCH_RISES = 2;
    private static final int FLAG_BITS = 2;

    private final Blocks blocks;
    private final SortedMap<Integer, Range> ranges = new TreeMap<>();

    /// What a table has of one log.
    record Range(
            int logId, long firstIndex, long lastIndex, long firstSequence, long nextSequence) {}

    EntryTable(Disk disk, String path) throws IOException {
        blocks = new Blocks(disk, path);
        ByteBuffer extra = blocks.extra();
        while (extra.hasRemaining()) {
            Range range =
                    new Range(
                            extra.getInt(),
                            extra.getLong(),
                            extra.getLong(),
                            extra.getLong(),
                            extra.getLong());
            ranges.put(range.logId, range);
        }
    }

    Collection<Range> ranges() {
        return ranges.values();
    }

    @Nullable Range range(int logId) {
        return ranges.get(logId);
    }

    long rows() {
        return blocks.rows();
    }

    long fileBytes() {
        return blocks.fileBytes();
    }

    /// {@return the rows of the block that holds an index of a log's range}
    Block block(int logId, long index) {
        return new Block(blocks.block(blocks.find(logId, index)));
    }

    /// {@return the last index whose first sequence is not above a sequence, or −1}
    long indexOfSequence(Range range, long sequence) {
        if (sequence < range.firstSequence) {
            return -1;
        }
        long low = blocks.find(range.logId, range.firstIndex);
        long high = blocks.find(range.logId, range.lastIndex);
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            if (new Block(blocks.block(middle)).sequences[0] <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Block block = new Block(blocks.block(low));
        int row = block.count - 1;
        while (block.sequences[row] > sequence) {
            row--;
        }
        return block.firstIndex + row;
    }

    /// {@return the last index, not above a bound, of a configuration; −1 without}
    long lastConfiguration(Range range, long lastIndex) {
        if (lastIndex < range.firstIndex) {
            return -1;
        }
        Block block = block(range.logId, Math.min(lastIndex, range.lastIndex));
        int row = (int) Math.min(lastIndex - block.firstIndex, block.count - 1);
        while (row >= 0 && !block.configurations[row]) {
            row--;
        }
        return row >= 0 ? block.firstIndex + row : block.configurationBefore;
    }

    @Override
    public void close() {
        blocks.close();
    }

    /// The rows of a block.
    final class Block {
        final int logId;
        final long firstIndex;
        final long configurationBefore;
        final int count;
        final long[] locations;
        final int[] lengths;
        final int[] events;
        final long[] sequences;
        final long[] epochs;
        final boolean[] configurations;

        private Block(ByteBuffer content) {
            logId = (int) content.getLong(Blocks.FIRST_A);
            firstIndex = content.getLong(Blocks.FIRST_B);
            try {
                count = (int) Varints.get(content);
                locations = new long[count];
                lengths = new int[count];
                events = new int[count];
                sequences = new long[count];
                epochs = new long[count];
                configurations = new boolean[count];
                configurationBefore = Varints.getSigned(content);
                read(content);
            } catch (BufferUnderflowException e) {
                throw blocks.overrun(e);
            }
        }

        private void read(ByteBuffer content) {
            long end = Varints.get(content);
            long sequence = Varints.get(content);
            long epoch = Varints.get(content);
            for (int row = 0; row < count; row++) {
                lengths[row] = (int) Varints.get(content);
                locations[row] = end + Varints.getSigned(content);
                end = locations[row] + lengths[row];
                long header = Varints.get(content);
                events[row] = (int) (header >>> FLAG_BITS);
                configurations[row] = (header & CONFIGURATION) != 0;
                if ((header & EPOCH_RISES) != 0) {
                    epoch += Varints.get(content);
                }
                epochs[row] = epoch;
                sequences[row] = sequence;
                sequence += events[row];
            }
        }

        boolean holds(long index) {
            return index >= firstIndex && index < firstIndex + count;
        }
    }

    /// Writes a table of rows that come by log and index.
    static final class Writer implements AutoCloseable {
        private final DiskFile file;
        private final BlockWriter out;
        private final ByteBuffer rows = ByteBuffer.allocate(ROWS_EACH * 40);
        private final ByteBuffer content = ByteBuffer.allocate(ROWS_EACH * 40 + 80);
        private final List<Range> ranges = new ArrayList<>();
        private int count;
        private int logId = -1;
        private long nextIndex;
        private long firstIndex;
        private long firstSequence;
        private long nextSequence;

        // Of the block that is being written.
        private long blockIndex;
        private long blockEnd;
        private long blockSequence;
        private long blockEpoch;
        private long blockConfiguration;

        private long end;
        private long epoch;
        private long configuration = -1;

        Writer(Disk disk, String path) throws IOException {
            this.file = disk.open(path, true);
            file.truncate(0);
            this.out = new BlockWriter(file, 0);
        }

        void add(
                int log,
                long index,
                long location,
                int length,
                int eventCount,
                long sequence,
                long rowEpoch,
                boolean isConfiguration)
                throws IOException {
            if (log != logId) {
                endLog();
                logId = log;
                firstIndex = index;
                firstSequence = sequence;
                configuration = -1;
                end = location;
            } else if (index != nextIndex) {
                throw new IllegalStateException(
                        "row of index " + index + " of log " + log + ", next is " + nextIndex);
            }
            if (count == 0) {
                blockIndex = index;
                blockEnd = end;
                blockSequence = sequence;
                blockEpoch = rowEpoch;
                epoch = rowEpoch;
                blockConfiguration = configuration;
            }
            Varints.put(rows, length);
            Varints.putSigned(rows, location - end);
            long flags =
                    (isConfiguration ? CONFIGURATION : 0) | (rowEpoch > epoch ? EPOCH_RISES : 0);
            Varints.put(rows, (long) eventCount << FLAG_BITS | flags);
            if (rowEpoch > epoch) {
                Varints.put(rows, rowEpoch - epoch);
            }
            epoch = rowEpoch;
            end = location + length;
            nextIndex = index + 1;
            nextSequence = sequence + eventCount;
            configuration = isConfiguration ? index : configuration;
            if (++count == ROWS_EACH) {
                flush();
            }
        }

        private void flush() throws IOException {
            if (count > 0) {
                content.clear();
                Varints.put(content, count);
                Varints.putSigned(content, blockConfiguration);
                Varints.put(content, blockEnd);
                Varints.put(content, blockSequence);
                Varints.put(content, blockEpoch);
                content.put(rows.flip()).flip();
                out.add(logId, blockIndex, count, content);
                rows.clear();
                count = 0;
            }
        }

        private void endLog() throws IOException {
            flush();
            if (logId >= 0) {
                ranges.add(
                        new Range(logId, firstIndex, nextIndex - 1, firstSequence, nextSequence));
            }
        }

        void finish() throws IOException {
            endLog();
            ByteBuffer extra = ByteBuffer.allocate(ranges.size() * 36);
            for (Range range : ranges) {
                extra.putInt(range.logId).putLong(range.firstIndex).putLong(range.lastIndex);
                extra.putLong(range.firstSequence).putLong(range.nextSequence);
            }
            out.finish(extra.flip());
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
