package io.ridgeline.storage.file.index;

import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares runs with the log that they were made of. For one thread.
public final class RunCheck {
    private final Hashes hashes;
    private final EntrySource source;
    private final List<String> problems;
    private final Map<Integer, Long> lastByLog = new HashMap<>();

    /// Reads entries.
    @FunctionalInterface
    public interface EntrySource {
        /// {@return the entry of a log at a place, or null if it is not there}
        @Nullable Entry read(int logId, long index, long location, int length);
    }

    /// @param problems takes what is found
    public RunCheck(Hashes hashes, EntrySource source, List<String> problems) {
        this.hashes = hashes;
        this.source = source;
        this.problems = problems;
    }

    /// Checks a run; older ones first.
    public void check(Run run) {
        try {
            Sums expected = new Sums();
            for (EntryTable.Range range : run.entries.ranges()) {
                entries(run, range, expected);
            }
            Sums found = new Sums();
            sum(run.ids, found, true, run);
            sum(run.streams, found, false, run);
            if (found.ids != expected.ids || found.postings != expected.postings) {
                for (EntryTable.Range range : run.entries.ranges()) {
                    lookUp(run, range);
                }
            }
        } catch (DamagedIndexException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    /// {@return the last index of each log that is in a run}
    public Map<Integer, Long> lastByLog() {
        return lastByLog;
    }

    private static final class Sums {
        long ids;
        long postings;
    }

    private void entries(Run run, EntryTable.Range range, Sums sums) {
        Long before = lastByLog.put(range.logId(), range.lastIndex());
        if (before != null && range.firstIndex() != before + 1) {
            problems.add(
                    "run %d begins at index %d of log %d, the one before ends at %d"
                            .formatted(run.number(), range.firstIndex(), range.logId(), before));
        }
        long salt = hashes.logSalt(range.logId());
        long index = range.firstIndex();
        while (index <= range.lastIndex()) {
            EntryTable.Block block = run.entries.block(range.logId(), index);
            if (!block.holds(index)) {
                problems.add("run %d has no index %d".formatted(run.number(), index));
                return;
            }
            for (int row = (int) (index - block.firstIndex); row < block.count; row++) {
                @Nullable Entry entry = entry(run, range, block, row);
                if (entry != null && entry.kind() == EntryKind.TRANSACTION) {
                    sum(entry, salt, sums);
                }
            }
            index = block.firstIndex + block.count;
        }
    }

    private @Nullable Entry entry(
            Run run, EntryTable.Range range, EntryTable.Block block, int row) {
        long index = block.firstIndex + row;
        @Nullable Entry entry =
                source.read(range.logId(), index, block.locations[row], block.lengths[row]);
        if (entry == null) {
            problems.add(
                    "run %d: entry %d of log %d is not where it should be"
                            .formatted(run.number(), index, range.logId()));
            return null;
        }
        boolean isConfiguration = entry.kind() == EntryKind.CONFIGURATION;
        boolean agrees =
                entry.epoch() == block.epochs[row]
                        && entry.eventCount() == block.events[row]
                        && isConfiguration == block.configurations[row]
                        && (entry.eventCount() == 0
                                || entry.transaction().firstSequence() == block.sequences[row]);
        if (!agrees) {
            problems.add(
                    "run %d: entry %d of log %d has another epoch, kind or sequence"
                            .formatted(run.number(), index, range.logId()));
        }
        return entry;
    }

    private void sum(Entry entry, long salt, Sums sums) {
        Transaction transaction = entry.transaction();
        long key = hashes.text(transaction.partitionKey());
        Events events = transaction.events();
        while (events.next()) {
            long id = Hashes.id(salt, key, events.idHigh(), events.idLow());
            sums.ids += mixed(PairTable.kept(id), entry.index(), 0);
        }
        for (int i = 0; i < transaction.streams().size(); i++) {
            long name = hashes.text(transaction.streams().get(i).stream());
            long stream = PairTable.kept(Hashes.stream(salt, key, name));
            sums.postings += mixed(stream, transaction.firstVersion(i), entry.index());
        }
    }

    private static long mixed(long a, long b, long c) {
        return Hashes.mix(Hashes.mix(Hashes.mix(a) + b) + c);
    }

    private void sum(PairTable table, Sums sums, boolean isIds, Run run) {
        table.checkBloom();
        PairTable.Cursor cursor = table.all();
        long lastA = 0;
        long lastB = 0;
        long rows = 0;
        while (cursor.next()) {
            if (rows++ > 0 && Blocks.compare(lastA, lastB, cursor.a, cursor.b) > 0) {
                problems.add("run %d is not in order".formatted(run.number()));
                return;
            }
            lastA = cursor.a;
            lastB = cursor.b;
            if (!table.mayHold(cursor.a)) {
                problems.add("run %d: the bloom filter hides a row".formatted(run.number()));
                return;
            }
            if (isIds) {
                sums.ids += mixed(cursor.a, cursor.b, 0);
            } else {
                sums.postings += mixed(cursor.a, cursor.b, cursor.c);
            }
        }
        if (rows != table.rows()) {
            problems.add(
                    "run %d has %d rows, announced %d".formatted(run.number(), rows, table.rows()));
        }
    }

    /// The tables may know more than the log, since logs that were formatted leave rows behind;
    /// they must not know less.
    private void lookUp(Run run, EntryTable.Range range) {
        long salt = hashes.logSalt(range.logId());
        for (long index = range.firstIndex(); index <= range.lastIndex(); ) {
            EntryTable.Block block = run.entries.block(range.logId(), index);
            for (int row = (int) (index - block.firstIndex); row < block.count; row++) {
                @Nullable Entry entry =
                        source.read(
                                range.logId(),
                                block.firstIndex + row,
                                block.locations[row],
                                block.lengths[row]);
                if (entry != null && entry.kind() == EntryKind.TRANSACTION) {
                    lookUp(run, entry, salt);
                }
            }
            index = block.firstIndex + block.count;
        }
    }

    private void lookUp(Run run, Entry entry, long salt) {
        Transaction transaction = entry.transaction();
        long key = hashes.text(transaction.partitionKey());
        Events events = transaction.events();
        while (events.next()) {
            Postings found = new Postings();
            run.ids.findId(Hashes.id(salt, key, events.idHigh(), events.idLow()), false, found);
            if (!holds(found, entry.index())) {
                problems.add("run %d hides event %s".formatted(run.number(), events.id()));
            }
        }
        for (int i = 0; i < transaction.streams().size(); i++) {
            long name = hashes.text(transaction.streams().get(i).stream());
            Postings found = new Postings();
            run.streams.postingsUpTo(
                    Hashes.stream(salt, key, name), transaction.firstVersion(i), 1, found);
            if (!holds(found, entry.index())) {
                problems.add(
                        "run %d hides version %d of %s"
                                .formatted(
                                        run.number(),
                                        transaction.firstVersion(i),
                                        transaction.streams().get(i)));
            }
        }
    }

    private static boolean holds(Postings found, long index) {
        for (int i = 0; i < found.count(); i++) {
            if (found.index(i) == index) {
                return true;
            }
        }
        return false;
    }
}
