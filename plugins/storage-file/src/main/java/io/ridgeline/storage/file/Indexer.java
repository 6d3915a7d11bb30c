package io.ridgeline.storage.file;

import io.ridgeline.storage.file.index.DamagedIndexException;
import io.ridgeline.storage.file.index.Generation;
import io.ridgeline.storage.file.index.LogIndex;
import io.ridgeline.storage.file.index.Rows;
import io.ridgeline.storage.file.index.Run;
import io.ridgeline.storage.file.index.RunBuilder;
import io.ridgeline.storage.file.index.RunMerger;
import io.ridgeline.storage.file.index.RunSet;
import io.ridgeline.storage.file.segment.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// Moves the index of confirmed entries from memory to runs, and merges runs so that their number
/// grows with the logarithm of the data. One thread at a time works here.
final class Indexer {
    /// Runs of similar size that are merged into one.
    private static final int FANOUT = 4;

    /// Recovery should not have to read more segments than this.
    private static final int SEGMENTS_BEHIND_MAX = 2;

    private final Bucket bucket;

    /// Guarded by the bucket's lock.
    private RunSet runs = new RunSet(List.of());

    private @Nullable RunMerger merger;
    private List<Run> merged = List.of();
    private int mergedNumber;

    Indexer(Bucket bucket) {
        this.bucket = bucket;
    }

    /// {@return the runs as they are; to be closed}
    RunSet acquire() {
        synchronized (bucket.lock) {
            return runs.retain();
        }
    }

    /// Opens the runs of an earlier process.
    ///
    /// @throws DamagedIndexException if one is damaged
    void open(List<Integer> numbers) throws IOException {
        List<Run> opened = new ArrayList<>();
        try {
            for (int number : numbers) {
                opened.add(Run.open(bucket.disk, bucket.folder, number));
            }
        } catch (IOException | DamagedIndexException e) {
            opened.forEach(Run::release);
            throw e;
        }
        install(opened);
    }

    private void install(List<Run> newRuns) {
        synchronized (bucket.lock) {
            RunSet old = runs;
            runs = new RunSet(newRuns);
            old.close();
        }
    }

    /// {@return whether there is something to do}
    boolean isDue() {
        if (merger != null) {
            return true;
        }
        synchronized (bucket.lock) {
            return isFlushDue(bucket.writer.segment()) || !mergeable().isEmpty();
        }
    }

    private boolean isFlushDue(long segment) {
        Generation newest = bucket.generation();
        int most = bucket.options.indexEvents();
        boolean isLarge = newest.idCount() >= most || newest.postingCount() >= most;
        boolean isBehind =
                segment - bucket.manifest.current().scanFrom() > SEGMENTS_BEHIND_MAX
                        && newest.idCount() > 0;
        return isLarge || isBehind;
    }

    /// Does a piece of the work.
    ///
    /// @return whether there was something to do
    boolean step() throws IOException {
        long segment = bucket.writer.segment();
        boolean flush;
        synchronized (bucket.lock) {
            flush = isFlushDue(segment);
        }
        if (flush && flush(segment)) {
            return true;
        }
        return merge();
    }

    /// Writes a run of what is confirmed.
    ///
    /// @param segment the segment that is written to, or an earlier one
    /// @return whether there was anything
    boolean flush(long segment) throws IOException {
        Map<Integer, Long> upTo = new HashMap<>();
        RunBuilder builder = new RunBuilder();
        List<Generation> frozen;
        long lastLocation = 0;
        synchronized (bucket.lock) {
            for (Log log : bucket.logs.values()) {
                long last = flushable(log);
                if (last >= log.rows.firstIndex()) {
                    lastLocation = Math.max(lastLocation, log.rows.location(last));
                    upTo.put(log.logId, last);
                    builder.add(log.logId, log.rows.copyThrough(last));
                }
            }
            if (upTo.isEmpty()) {
                return false;
            }
            frozen = List.copyOf(bucket.generations);
            bucket.generations.add(new Generation());
        }
        LongPredicate wanted = entry -> isWithin(upTo, entry);
        builder.add(frozen, wanted);
        int number = bucket.manifest.current().nextRun();
        write(builder, number);
        @Nullable List<Manifest.Place> stragglers = stragglers(upTo, segment);
        // What was synced, recovery need not doubt: neither entries in runs, nor stragglers in
        // segments that are full, nor cuts of others.
        long end;
        synchronized (bucket.lock) {
            end = Math.max(lastLocation + 1, bucket.syncedEnd);
        }
        if (stragglers != null) {
            for (Manifest.Place straggler : stragglers) {
                end = Math.max(end, straggler.location() + 1);
            }
        }
        long provenEnd = end;
        bucket.manifest.update(current -> {
            List<Integer> numbers = new ArrayList<>(current.runs());
            numbers.add(number);
            return new Manifest(
                    current.hashSeed(),
                    current.segments(),
                    numbers,
                    number + 1,
                    stragglers == null ? current.scanFrom() : Math.max(segment, current.scanFrom()),
                    Math.max(provenEnd, current.provenEnd()),
                    stragglers == null ? current.stragglers() : stragglers,
                    bucket.entries.repairs());
        });
        Run run = Run.open(bucket.disk, bucket.folder, number);
        synchronized (bucket.lock) {
            List<Run> all = new ArrayList<>(runs.runs());
            all.add(run);
            install(all);
            drop(upTo, frozen.size());
        }
        return true;
    }

    private void write(RunBuilder builder, int number) throws IOException {
        boolean done = false;
        try {
            builder.write(bucket.disk, bucket.folder, number);
            done = true;
        } finally {
            if (!done) {
                discard(number);
            }
        }
    }

    /// Removes what there is of a run that no manifest names: a full disk needs the space.
    private void discard(int number) {
        for (String path : Run.paths(bucket.folder, number)) {
            Files.discard(bucket.disk, path);
        }
    }

    private static boolean isWithin(Map<Integer, Long> upTo, long entry) {
        return LogIndex.index(entry) <= upTo.getOrDefault(LogIndex.logId(entry), 0L);
    }

    /// {@return the last index that is confirmed, durable and readable up to it}
    private static long flushable(Log log) {
        Rows rows = log.rows;
        long last = Math.min(log.watermark.index(), log.durable.index());
        last = Math.min(Math.min(last, log.keptIndex), rows.indexEnd() - 1);
        for (long index = rows.firstIndex(); index <= last; index++) {
            if (rows.location(index) == Location.NOWHERE) {
                return index - 1;
            }
        }
        return last;
    }

    /// {@return the entries in older segments that are in no run; null if that cannot be said now,
    /// since some may come back}
    private @Nullable List<Manifest.Place> stragglers(Map<Integer, Long> upTo, long segment) {
        List<Manifest.Place> stragglers = new ArrayList<>();
        synchronized (bucket.lock) {
            if (bucket.hasUnsyncedCuts) {
                return null;
            }
            for (Log log : bucket.logs.values()) {
                Rows rows = log.rows;
                long index = Math.max(rows.firstIndex(), upTo.getOrDefault(log.logId, 0L) + 1);
                while (rows.holds(index) && Location.segment(rows.location(index)) < segment) {
                    stragglers.add(
                            new Manifest.Place(
                                    log.logId,
                                    index,
                                    rows.location(index),
                                    rows.length(index),
                                    rows.eventCount(index),
                                    rows.firstSequence(index),
                                    rows.epoch(index),
                                    rows.kind(index)));
                    index++;
                }
            }
        }
        return stragglers;
    }

    /// Drops from memory what is in a run. Called with the lock.
    private void drop(Map<Integer, Long> upTo, int frozen) {
        for (Log log : bucket.logs.values()) {
            @Nullable Long last = upTo.get(log.logId);
            if (last != null) {
                log.rows.dropThrough(last);
            }
        }
        Generation rest = new Generation();
        for (Generation generation : bucket.generations.subList(0, frozen)) {
            rest.addAll(generation, entry -> !isWithin(upTo, entry));
        }
        bucket.generations.subList(0, frozen).clear();
        if (rest.idCount() > 0) {
            bucket.generations.addFirst(rest);
        }
    }

    private boolean merge() throws IOException {
        RunMerger current = merger;
        if (current == null) {
            List<Run> next;
            Set<Integer> alive = new HashSet<>();
            boolean mayComeBack;
            synchronized (bucket.lock) {
                next = mergeable();
                bucket.logs.values().forEach(log -> alive.add(log.logId));
                // A log that was begun anew is there as before until that is durable.
                mayComeBack = bucket.hasUnsyncedCuts;
            }
            if (next.isEmpty()) {
                return false;
            }
            merged = next;
            mergedNumber = bucket.manifest.current().nextRun();
            bucket.manifest.update(manifest -> manifest.withNextRun(mergedNumber + 1));
            current = merger(next, logId -> mayComeBack || alive.contains(logId));
            merger = current;
        }
        if (!current.step()) {
            replaceMerged();
        }
        return true;
    }

    private RunMerger merger(List<Run> next, IntPredicate isAlive) throws IOException {
        boolean done = false;
        try {
            RunMerger made = new RunMerger(bucket.disk, bucket.folder, mergedNumber, next, isAlive);
            done = true;
            return made;
        } finally {
            if (!done) {
                discard(mergedNumber);
            }
        }
    }

    private void replaceMerged() throws IOException {
        List<Run> old = merged;
        List<Integer> numbers = old.stream().map(Run::number).toList();
        int number = mergedNumber;
        // From here on a manifest may name the new run, so its files stay.
        endMerge();
        bucket.manifest.update(
                manifest -> manifest.withRuns(replaced(manifest.runs(), numbers, number)));
        Run run = Run.open(bucket.disk, bucket.folder, number);
        synchronized (bucket.lock) {
            install(replaced(runs.runs(), old, run));
        }
        old.forEach(Run::obsolete);
        old.forEach(Run::release);
    }

    private static <T> List<T> replaced(List<T> all, List<T> old, T by) {
        List<T> rest = new ArrayList<>(all);
        rest.set(rest.indexOf(old.getFirst()), by);
        rest.removeAll(old);
        return rest;
    }

    /// {@return runs that follow each other and are of similar size, the newest such; none if there
    /// are too few}
    private List<Run> mergeable() {
        List<Run> all = runs.runs();
        int[] tiers = new int[all.size()];
        int higher = 0;
        for (int i = all.size() - 1; i >= 0; i--) {
            // A run that is smaller than a later one must be merged with it.
            higher = Math.max(higher, tier(all.get(i)));
            tiers[i] = higher;
        }
        for (int end = all.size(); end >= FANOUT; end--) {
            if (tiers[end - 1] == tiers[end - FANOUT]) {
                int start = end - FANOUT;
                while (start > 0 && tiers[start - 1] == tiers[end - 1]) {
                    start--;
                }
                return all.subList(start, end);
            }
        }
        return List.of();
    }

    private int tier(Run run) {
        long size = bucket.options.indexEvents();
        int tier = 0;
        while (run.rows() > size * 3) {
            size *= FANOUT;
            tier++;
        }
        return tier;
    }

    /// Gives up a merge.
    void abandonMerge() {
        if (merger != null) {
            endMerge();
            discard(mergedNumber);
        }
    }

    private void endMerge() {
        if (merger != null) {
            merger.close();
            merger = null;
            merged = List.of();
        }
    }

    void close() {
        abandonMerge();
        synchronized (bucket.lock) {
            List<Run> all = runs.runs();
            runs.close();
            all.forEach(Run::release);
            runs = new RunSet(List.of());
        }
    }
}
