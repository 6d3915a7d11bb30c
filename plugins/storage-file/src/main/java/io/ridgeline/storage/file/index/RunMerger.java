package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Makes one run of several that follow each other, a piece at a time. Logs that are gone are left
/// out.
public final class RunMerger implements AutoCloseable {
    private static final int ROWS_EACH_STEP = 20_000;

    private final List<Run> runs;
    private final Disk disk;
    private final String folder;
    private final EntryTable.Writer entries;
    private final PairTable.Writer ids;
    private final PairTable.Writer streams;
    private final List<Integer> logs;
    private int log;
    private int runOfLog;
    private long index;
    private @Nullable PriorityQueue<Source> queue;
    private int phase;

    private static final class Source {
        final PairTable.Cursor cursor;

        Source(PairTable.Cursor cursor) {
            this.cursor = cursor;
        }
    }

    /// @param runs oldest entries first; held by the caller
    /// @param isAlive which logs are still wanted
    public RunMerger(Disk disk, String folder, int number, List<Run> runs, IntPredicate isAlive)
            throws IOException {
        this.disk = disk;
        this.folder = folder;
        this.runs = List.copyOf(runs);
        TreeSet<Integer> wanted = new TreeSet<>();
        long idRows = 0;
        long streamRows = 0;
        for (Run run : runs) {
            run.entries.ranges().forEach(range -> wanted.add(range.logId()));
            idRows += run.ids.rows();
            streamRows += run.streams.rows();
        }
        wanted.removeIf(logId -> !isAlive.test(logId));
        this.logs = new ArrayList<>(wanted);
        this.entries = new EntryTable.Writer(disk, Run.path(folder, number, "entries"));
        this.ids = new PairTable.Writer(disk, Run.path(folder, number, "ids"), false, idRows);
        this.streams =
                new PairTable.Writer(disk, Run.path(folder, number, "streams"), true, streamRows);
    }

    /// Does a piece of the work.
    ///
    /// @return whether there is more to do
    public boolean step() throws IOException {
        switch (phase) {
            case 0 -> {
                if (!mergeEntries()) {
                    entries.finish();
                    phase++;
                }
            }
            case 1 -> {
                if (!merge(ids, false)) {
                    ids.finish();
                    phase++;
                    queue = null;
                }
            }
            case 2 -> {
                if (!merge(streams, true)) {
                    streams.finish();
                    disk.syncFolder(folder);
                    phase++;
                }
            }
            default -> {
                return false;
            }
        }
        return phase < 3;
    }

    private boolean mergeEntries() throws IOException {
        int left = ROWS_EACH_STEP;
        while (log < logs.size() && left > 0) {
            int logId = logs.get(log);
            if (runOfLog == runs.size()) {
                log++;
                runOfLog = 0;
                continue;
            }
            EntryTable table = runs.get(runOfLog).entries;
            EntryTable.@Nullable Range range = table.range(logId);
            if (range == null || index > range.lastIndex()) {
                runOfLog++;
                index = 0;
                continue;
            }
            EntryTable.Block block = table.block(logId, Math.max(index, range.firstIndex()));
            for (int row = 0; row < block.count; row++) {
                entries.add(
                        logId,
                        block.firstIndex + row,
                        block.locations[row],
                        block.lengths[row],
                        block.events[row],
                        block.sequences[row],
                        block.epochs[row],
                        block.configurations[row]);
            }
            index = block.firstIndex + block.count;
            left -= block.count;
        }
        return log < logs.size();
    }

    private boolean merge(PairTable.Writer out, boolean ofStreams) throws IOException {
        PriorityQueue<Source> sources = queue;
        if (sources == null) {
            sources =
                    new PriorityQueue<>((one, other) ->
                            Blocks.compare(
                                    one.cursor.a, one.cursor.b, other.cursor.a, other.cursor.b));
            for (Run run : runs) {
                Source source = new Source(ofStreams ? run.streams.all() : run.ids.all());
                if (source.cursor.next()) {
                    sources.add(source);
                }
            }
            queue = sources;
        }
        for (int left = ROWS_EACH_STEP; left > 0; left--) {
            Source source = sources.poll();
            if (source == null) {
                return false;
            }
            out.add(source.cursor.a, source.cursor.b, source.cursor.c);
            if (source.cursor.next()) {
                sources.add(source);
            }
        }
        return true;
    }

    @Override
    public void close() {
        entries.close();
        ids.close();
        streams.close();
    }
}
