package io.ridgeline.storage.file;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.index.DamagedIndexException;
import io.ridgeline.storage.file.index.Rows;
import io.ridgeline.storage.file.index.Run;
import io.ridgeline.storage.file.index.RunSet;
import io.ridgeline.storage.file.segment.Location;
import io.ridgeline.storage.file.segment.LogScan;
import io.ridgeline.storage.file.segment.Records;
import io.ridgeline.storage.file.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Opens a bucket: finds what is durable, makes durable what is perhaps not, and has [Blanks] judge
/// what each replica still knows.
final class Recovery implements LogScan.Sink {
    private final Disk disk;
    private final String folder;
    private final Supplier<UUID> storageIds;
    private final Bucket bucket;
    private final Watermarks.Saved watermarks;
    private final @Nullable String stopped;
    private final Blanks blanks = new Blanks();
    private final Map<Integer, List<Manifest.Place>> stragglers = new HashMap<>();

    /// Only if all indexes are made anew: then they are written on the way, and what will be cut
    /// later must not be in them.
    private @Nullable Cuts cuts;

    private Recovery(
            Disk disk,
            String folder,
            Supplier<UUID> storageIds,
            Bucket bucket,
            Watermarks.Saved watermarks,
            @Nullable String stopped) {
        this.disk = disk;
        this.folder = folder;
        this.storageIds = storageIds;
        this.bucket = bucket;
        this.watermarks = watermarks;
        this.stopped = stopped;
    }

    /// Opens a bucket, making it if there is none.
    static Bucket open(
            Disk disk,
            String folder,
            StorageOptions options,
            NodeId self,
            Supplier<UUID> storageIds)
            throws IOException {
        disk.makeFolder(folder);
        disk.syncFolder("");
        Twin file = Twin.read(disk, folder, Manifest.NAME);
        @Nullable ByteBuffer content = file.content();
        boolean isNew = content == null && !hasSegments(disk, folder);
        Manifest manifest =
                content == null
                        ? found(disk, folder, storageIds.get().getLeastSignificantBits())
                        : Manifest.decode(content);
        Manifest.Store store = new Manifest.Store(file, manifest);
        Watermarks.Saved watermarks = Watermarks.read(disk, folder);
        @Nullable String stopped = null;
        if (disk.exists(folder + "/" + Bucket.STOPPED)) {
            @Nullable ByteBuffer reason = Files.read(disk, folder + "/" + Bucket.STOPPED);
            stopped =
                    "the disk failed: "
                            + (reason == null ? "?" : StandardCharsets.UTF_8.decode(reason));
        } else if (!isNew && content == null) {
            stopped = "both copies of the manifest are lost";
        }
        Bucket bucket =
                new Bucket(disk, folder, options, self, storageIds, store, watermarks.change());
        Recovery recovery = new Recovery(disk, folder, storageIds, bucket, watermarks, stopped);
        if (!file.isWhole()) {
            store.update(same -> same);
        }
        recovery.openRuns();
        recovery.run();
        return bucket;
    }

    private static boolean hasSegments(Disk disk, String folder) throws IOException {
        return disk.list(folder).stream().anyMatch(name -> name.startsWith("segment-"));
    }

    /// {@return a manifest of the segments that are there, if no copy of the manifest is}
    static Manifest found(Disk disk, String folder, long seed) throws IOException {
        List<Manifest.Segment> segments = new ArrayList<>();
        for (String name : disk.list(folder)) {
            String[] parts = name.split("-", -1);
            if (parts.length == 3 && parts[0].equals("segment")) {
                segments.add(
                        new Manifest.Segment(
                                Long.parseLong(parts[1]), Long.parseUnsignedLong(parts[2], 16)));
            }
        }
        return new Manifest(seed, segments, List.of(), 1, 1, 0, List.of(), List.of());
    }

    /// Opens the runs; if that fails, all indexes are made anew from the log.
    private void openRuns() throws IOException {
        Manifest.Store store = bucket.manifest;
        if (!disk.exists(folder + "/" + Maintenance.REBUILD)) {
            try {
                bucket.maintenance.indexer.open(store.current().runs());
                return;
            } catch (IOException | DamagedIndexException e) {
                // Indexes are derived: what they say stands in the log, too.
                bucket.maintenance.indexer.abandonMerge();
            }
        }
        store.update(Manifest::withoutRuns);
        cuts = new Cuts();
        disk.delete(folder + "/" + Maintenance.REBUILD);
    }

    private void run() throws IOException {
        removeLeftovers();
        for (Manifest.Place repair : bucket.manifest.current().repairs()) {
            bucket.entries.repaired(repair);
        }
        for (Manifest.Place straggler : bucket.manifest.current().stragglers()) {
            stragglers.computeIfAbsent(straggler.logId(), _ -> new ArrayList<>()).add(straggler);
        }
        List<LogScan.Source> sources = new ArrayList<>();
        try {
            open(sources);
            if (cuts != null) {
                new LogScan(sources, bucket.manifest.current().provenEnd(), cuts).run();
            }
            finish(new LogScan(sources, bucket.manifest.current().provenEnd(), this).run());
        } finally {
            for (LogScan.Source source : sources) {
                if (source.file() != null) {
                    source.file().close();
                }
            }
        }
    }

    /// Opens the segments from the newest good header at or before the first that is needed. That
    /// one must count for certain: neither be in doubt itself nor have been replaced by a later
    /// one.
    private void open(List<LogScan.Source> sources) throws IOException {
        Manifest manifest = bucket.manifest.current();
        List<Manifest.Segment> segments = manifest.segments();
        long leastPrevious = Long.MAX_VALUE;
        int next = segments.size();
        while (next > 0) {
            LogScan.Source source = source(segments.get(--next));
            sources.addFirst(source);
            @Nullable SegmentHeader header = LogScan.header(source);
            if (header != null) {
                if (source.number() <= manifest.scanFrom()
                        && source.number() <= leastPrevious
                        && Location.of(source.number(), 1) < manifest.provenEnd()) {
                    return;
                }
                leastPrevious = Math.min(leastPrevious, Location.segment(header.previous()));
            }
        }
    }

    private LogScan.Source source(Manifest.Segment segment) throws IOException {
        String path = segment.path(folder);
        return new LogScan.Source(
                segment.number(),
                segment.salt(),
                disk.exists(path) ? disk.openForReading(path) : null);
    }

    private void removeLeftovers() throws IOException {
        Set<String> named = new HashSet<>();
        for (Manifest.Segment segment : bucket.manifest.current().segments()) {
            named.add(segment.path(folder));
        }
        for (int number : bucket.manifest.current().runs()) {
            named.addAll(Run.paths(folder, number));
        }
        for (String name : disk.list(folder)) {
            String path = folder + "/" + name;
            boolean mustBeNamed = name.startsWith("segment-") || name.startsWith("run-");
            if (name.endsWith(".new") || (mustBeNamed && !named.contains(path))) {
                disk.delete(path);
            }
        }
    }

    @Override
    public void header(SegmentHeader header) {
        bucket.atLeastLogId(header.nextLogId());
        for (SegmentHeader.Partition partition : header.partitions()) {
            @Nullable Log known = bucket.logs.get(partition.partition());
            if (known == null || known.logId != partition.logId()) {
                known = begin(partition);
            }
            agree(known, partition);
        }
        blanks.endGap();
    }

    private Log begin(SegmentHeader.Partition partition) {
        Log log = new Log(partition.partition(), bucket, partition.logId(), partition.storageId());
        bucket.add(log);
        adopt(log);
        return log;
    }

    /// Begins with what runs and stragglers have of a log.
    private void adopt(Log log) {
        try (RunSet runs = bucket.acquireRuns()) {
            long indexed = runs.lastIndex(log.logId);
            log.rows = new Rows(indexed + 1);
            if (indexed > 0) {
                log.nextSequence = runs.nextSequence(log.logId);
                log.last = new LogPosition(indexed, log.epochAt(indexed));
            }
        }
        // Only confirmed entries are in runs.
        log.watermark = later(saved(log), log.last);
        for (Manifest.Place place : stragglers.getOrDefault(log.logId, List.of())) {
            if (place.index() == log.rows.indexEnd()) {
                straggler(log, place);
            }
        }
    }

    private LogPosition saved(Log log) {
        return watermarks.byLog().getOrDefault(log.logId, LogPosition.NONE);
    }

    private static LogPosition later(LogPosition one, LogPosition other) {
        return one.index() > other.index() ? one : other;
    }

    /// Reads an entry in an older segment that is in no run.
    private void straggler(Log log, Manifest.Place place) {
        Picks pick = new Picks(1);
        pick.add(place.index(), place.location(), place.length(), null);
        try {
            log.added(bucket.entries.read(log, pick).getFirst(), place.location());
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            holes(log, place.index(), place.epoch());
            log.last = new LogPosition(place.index(), place.epoch());
            log.nextSequence = place.firstSequence() + place.eventCount();
        }
    }

    /// The header of a segment is newer than what was read before it.
    private void agree(Log log, SegmentHeader.Partition header) {
        log.storageId = header.storageId();
        log.hardState = header.hardState();
        long last = header.last().index();
        blanks.nowSure(log);
        if (last < log.rows.firstIndex()) {
            // Runs are newer than this header, and what they hold is confirmed.
            log.truncated(log.rows.firstIndex() - 1);
            return;
        }
        if (log.last.index() > last) {
            // An earlier recovery cut it.
            log.truncated(last);
        }
        holes(log, last, header.last().epoch());
        log.last = header.last();
        log.nextSequence = header.nextSequence();
    }

    private static void holes(Log log, long last, long epoch) {
        for (long index = log.rows.indexEnd(); index <= last; index++) {
            log.rows.add(Location.NOWHERE, 0, 0, log.nextSequence, epoch, 0, null);
        }
    }

    @Override
    public void record(ByteBuffer bytes, int at, int length, long location) throws IOException {
        int kind = Records.kind(bytes, at);
        if (kind == Records.PADDING) {
            return;
        }
        PartitionId partition = Records.partition(bytes, at);
        if (kind == Records.FORMAT) {
            format(partition, Records.format(bytes, at));
            return;
        }
        @Nullable Log log = bucket.logs.get(partition);
        if (log == null) {
            // Its beginning is in a gap.
            return;
        }
        switch (kind) {
            case Records.HARD_STATE -> log.hardState = Records.hardState(bytes, at);
            case Records.TRUNCATE -> {
                // What is in runs was confirmed later.
                long kept = Math.max(Records.index(bytes, at), log.rows.firstIndex() - 1);
                holes(log, kept, log.last.epoch());
                if (kept < log.rows.indexEnd() - 1) {
                    log.truncated(kept);
                }
                blanks.nowSure(log);
            }
            default -> entry(log, bytes, at, length, location);
        }
    }

    private void format(PartitionId partition, Records.Format format) {
        @Nullable Log log = bucket.logs.get(partition);
        if (log == null) {
            log = new Log(partition, bucket, format.logId(), format.storageId());
            bucket.add(log);
        } else {
            log.formatted(format);
            blanks.begun(log);
        }
        adopt(log);
        bucket.atLeastLogId(format.logId() + 1);
    }

    private void entry(Log log, ByteBuffer bytes, int at, int length, long location)
            throws IOException {
        byte[] copy = new byte[length];
        bytes.get(at, copy);
        Entry entry = Entry.decode(ByteBuffer.wrap(copy));
        blanks.nowSure(log);
        if (entry.index() <= log.last.index()) {
            if (entry.index() >= log.rows.firstIndex() || isRepair(log, entry, location)) {
                log.repaired(entry, location);
            }
            return;
        }
        if (blanks.contains(log.partition) && entry.index() != log.last.index() + 1) {
            return;
        }
        holes(log, entry.index() - 1, log.last.epoch());
        if (entry.eventCount() > 0) {
            log.nextSequence = entry.transaction().firstSequence();
        }
        log.added(entry, location);
        boolean isMuch;
        synchronized (bucket.lock) {
            isMuch = bucket.generation().idCount() >= bucket.options.indexEvents();
        }
        if (isMuch && cuts != null) {
            for (Log each : bucket.logs.values()) {
                each.durable = each.last;
                each.keptIndex = cuts.keptAfter(each.partition, location);
            }
            bucket.maintenance.indexer.flush(Location.segment(location));
        }
    }

    /// {@return whether an entry that is in a run stands here again because its first place was
    /// damaged}
    private boolean isRepair(Log log, Entry entry, long location) {
        try (RunSet runs = bucket.acquireRuns()) {
            RunSet.Cursor cursor = runs.cursor(log.logId);
            return cursor.seek(entry.index())
                    && cursor.epoch() == entry.epoch()
                    && cursor.location() != location;
        }
    }

    @Override
    public void gap(boolean withControls, String where) {
        blanks.gap(bucket.logs.values(), withControls, where);
    }

    private void finish(LogScan.End end) throws IOException {
        LastBatch lastBatch = new LastBatch(end);
        // A log that was begun anew at the very end begins anew, even if the rest of that end is
        // dropped since the replica is blank: what its partition had before must never come back.
        lastBatch.formats(this::format);
        if (stopped != null) {
            blanks.addAll(bucket.logs.values(), stopped);
        }
        for (Log log : bucket.logs.values()) {
            log.watermark = later(saved(log), log.watermark);
        }
        blanks.judge(bucket.logs.values(), lastBatch);
        for (Log log : bucket.logs.values()) {
            blanks.apply(log, storageIds, HardState.initial(bucket.self()));
        }
        writeOn(end, lastBatch);
        disk.delete(folder + "/" + Bucket.STOPPED);
        // If it came back, the replicas would be blank once more. An earlier recovery may have been
        // interrupted here.
        disk.syncFolder(folder);
        bucket.watermarks.changed();
        if (!blanks.isEmpty()) {
            // A watermark above what a blank replica keeps would make it blank once more.
            bucket.saveWatermarks(true);
        }
    }

    private void writeOn(LogScan.End end, LastBatch lastBatch) throws IOException {
        LogEnd log = new LogEnd(bucket, end);
        LogEnd.Taken taken =
                (bytes, at, length, location) -> {
                    if (!lastBatch.isOfEarlierLog(at)) {
                        record(bytes, at, length, location);
                    }
                };
        try {
            if (blanks.isEmpty() && !end.isDamaged()) {
                log.goOnInPlace(taken);
            } else {
                log.goOnInNewSegment(
                        at ->
                                !blanks.contains(lastBatch.partition(at))
                                        && !lastBatch.isOfEarlierLog(at),
                        taken);
            }
        } catch (Disk.FullException e) {
            throw e;
        } catch (IOException e) {
            throw bucket.failed(e);
        }
        noteDamage();
        for (Log each : bucket.logs.values()) {
            each.durable = each.last;
            each.keptIndex = Long.MAX_VALUE;
        }
        synchronized (bucket.lock) {
            bucket.hasUnsyncedCuts = false;
            bucket.syncedEnd = bucket.writer.writtenEnd();
        }
    }

    /// What is missing at or below the watermark can be repaired; anything else is lost memory.
    private void noteDamage() {
        for (Log log : bucket.logs.values()) {
            Rows rows = log.rows;
            for (long index = rows.firstIndex(); index < rows.indexEnd(); index++) {
                if (rows.location(index) == Location.NOWHERE) {
                    log.damage.add(index);
                }
            }
        }
    }
}
