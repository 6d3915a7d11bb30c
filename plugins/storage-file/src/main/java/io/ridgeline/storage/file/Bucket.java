package io.ridgeline.storage.file;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.index.Generation;
import io.ridgeline.storage.file.index.Hashes;
import io.ridgeline.storage.file.index.RunSet;
import io.ridgeline.storage.file.segment.Records;
import io.ridgeline.storage.file.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Partitions that share segments, a writer and an fsync.
///
/// The owner's thread changes everything; what readers see is changed under [#lock], which is held
/// for moments only and never while the disk works. Slow work (the next segment, runs) is done by
/// [Maintenance].
final class Bucket implements LogBucket, LogWriter.Source {
    static final String STOPPED = "stopped";

    /// Space that client writes leave free, for hard states and epoch starts: for several starts on
    /// a full disk, beyond one per partition.
    private static final int RESERVE_BYTES_MIN = 16 << 10;

    private static final int RESERVE_BYTES_MAX = 256 << 10;
    private static final int RESERVE_SHARE = 8;
    private static final int RESERVE_BYTES_EACH = 1024;
    private static final long SPACE_INTERVAL_NANOS = 1_000_000_000;

    final Object lock = new Object();
    final Disk disk;
    final String folder;
    final StorageOptions options;
    final Manifest.Store manifest;
    final SegmentFiles files;
    final EntryFiles entries;
    final Heads heads;
    final Watermarks watermarks;
    final Maintenance maintenance;
    final SortedMap<PartitionId, Log> logs = new TreeMap<>();

    /// Whether entries were dropped that come back if the process ends before the next sync.
    /// Guarded by the lock.
    boolean hasUnsyncedCuts;

    /// All batches that begin before this location were synced. Guarded by the lock.
    long syncedEnd;

    /// Oldest first; entries are added to the last one. Guarded by the lock.
    final List<Generation> generations = new ArrayList<>(List.of(new Generation()));

    private final NodeId self;
    private final Supplier<UUID> storageIds;
    private final Hashes hashes;
    final LogWriter writer;
    private final List<Log> touched = new ArrayList<>();
    private final ArrayDeque<Entry> recent = new ArrayDeque<>();
    private long recentBytes;
    private int nextLogId = 1;
    private @Nullable String failure;
    private volatile boolean closed;
    private boolean isFull;
    private long usableBytes;
    private long usableAt;
    private long idleSince = -1;

    Bucket(
            Disk disk,
            String folder,
            StorageOptions options,
            NodeId self,
            Supplier<UUID> storageIds,
            Manifest.Store manifest,
            long watermarkChange) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
        this.self = self;
        this.storageIds = storageIds;
        this.manifest = manifest;
        this.hashes = new Hashes(manifest.current().hashSeed());
        this.writer = new LogWriter(this);
        this.files = new SegmentFiles(disk, folder, writer::segment);
        manifest.current().segments().forEach(files::know);
        this.entries = new EntryFiles(files);
        this.heads = new Heads(options.headsMax());
        this.watermarks = new Watermarks(disk, folder, watermarkChange);
        this.maintenance = new Maintenance(this);
    }

    NodeId self() {
        return self;
    }

    Hashes hashes() {
        return hashes;
    }

    /// {@return the generation that entries are added to; guarded by the lock}
    Generation generation() {
        return generations.getLast();
    }

    /// {@return the runs as they are; to be closed}
    RunSet acquireRuns() {
        return maintenance.indexer.acquire();
    }

    void checkWritable() {
        if (closed) {
            throw new StorageException(
                    StorageException.Kind.CLOSED, "bucket " + folder + " is closed");
        }
        if (failure != null) {
            throw new StorageException(
                    StorageException.Kind.CLOSED,
                    folder + " accepts nothing more: " + failure + "; restart this node");
        }
    }

    void checkReadable() {
        if (closed) {
            throw new StorageException(
                    StorageException.Kind.CLOSED, "bucket " + folder + " is closed");
        }
    }

    /// Puts a client's record into the batch.
    long putClients(Log log, ByteBuffer record) {
        return put(log, record, false, reserveBytes());
    }

    /// Puts a record into the batch, from the reserve if need be.
    long put(Log log, ByteBuffer record, boolean control) {
        return put(log, record, control, 0);
    }

    private long put(Log log, ByteBuffer record, boolean control, int reserve) {
        try {
            long location = writer.put(record, control, reserve);
            if (touched.isEmpty() || touched.getLast() != log) {
                touched.add(log);
            }
            return location;
        } catch (Disk.FullException e) {
            isFull = true;
            throw new StorageException(
                    StorageException.Kind.FULL, folder + " is full: " + e.getMessage(), e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /// Stops the bucket.
    StorageException failed(IOException e) {
        String reason = String.valueOf(e.getMessage());
        failure = reason;
        try {
            Files.replace(
                    disk,
                    folder,
                    STOPPED,
                    ByteBuffer.wrap(reason.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException second) {
            // Best effort: what was not proven durable is written again at the next start.
            e.addSuppressed(second);
        }
        return new StorageException(
                StorageException.Kind.FAILED, folder + " is stopped: " + reason, e);
    }

    @Override
    public SortedSet<PartitionId> partitions() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(logs.keySet()));
    }

    @Override
    public PartitionLog open(PartitionId partition) {
        Log known = logs.get(partition);
        if (known != null) {
            return known;
        }
        checkWritable();
        Records.Format format = newFormat();
        Log log = new Log(partition, this, format.logId(), format.storageId());
        put(log, Records.format(partition, format), true);
        add(log);
        return log;
    }

    void add(Log log) {
        synchronized (lock) {
            logs.put(log.partition, log);
        }
    }

    Records.Format newFormat() {
        return new Records.Format(storageIds.get(), nextLogId++);
    }

    UUID newStorageId() {
        return storageIds.get();
    }

    void atLeastLogId(int next) {
        nextLogId = Math.max(nextLogId, next);
    }

    @Override
    public boolean isDirty() {
        return writer.isDirty();
    }

    @Override
    public void sync() {
        checkWritable();
        try {
            writer.flush();
        } catch (IOException e) {
            throw failed(e);
        }
        synchronized (lock) {
            for (Log log : touched) {
                log.durable = log.last;
            }
            hasUnsyncedCuts = false;
            syncedEnd = writer.writtenEnd();
            evict();
        }
        entries.written();
        touched.clear();
    }

    /// Keeps a new entry in memory. Called with the lock.
    void recent(Entry entry) {
        recent.add(entry);
        recentBytes += entry.lengthBytes();
        evict();
    }

    private void evict() {
        while (recentBytes > options.cacheBytes() && !recent.isEmpty()) {
            Entry eldest = recent.getFirst();
            Log log = logs.get(eldest.partition());
            if (log != null
                    && log.rows.holds(eldest.index())
                    && log.rows.entry(eldest.index()) == eldest
                    && log.rows.location(eldest.index()) >= writer.writtenEnd()) {
                // Not written yet: it can only be read from here.
                return;
            }
            if (log != null) {
                log.rows.forget(eldest);
            }
            recentBytes -= eldest.lengthBytes();
            recent.removeFirst();
        }
    }

    /// Drops what is indexed of other entries than these. Called with the lock.
    void retain(LongPredicate kept) {
        // A generation that is being written to a run does not change.
        generations.replaceAll(generation -> generation.retained(kept));
    }

    @Override
    public boolean maintain() {
        if (closed || failure != null) {
            return false;
        }
        boolean isIdle = idleSince == writer.batchNumber();
        if (!writer.isDirty()) {
            if (isIdle) {
                try {
                    settle();
                } catch (IOException e) {
                    throw failed(e);
                }
            } else {
                saveWatermarks(false);
            }
            idleSince = writer.batchNumber();
        }
        return maintenance.step() || !isIdle;
    }

    /// Says that the last batch is durable, which the next one does under load, and where the
    /// watermarks are.
    private void settle() throws IOException {
        writer.mark();
        saveWatermarks(true);
    }

    /// Saves them if they changed and it is time.
    ///
    /// @param now whether it is time in any case
    void saveWatermarks(boolean now) {
        try {
            watermarks.save(logs.values(), now);
        } catch (IOException e) {
            // They are saved again later; being behind is safe.
            watermarks.changed();
        }
    }

    @Override
    public long clientBytesFree() {
        long now = disk.nanoTime();
        if (usableAt == 0 || now - usableAt > SPACE_INTERVAL_NANOS) {
            usableAt = now == 0 ? 1 : now;
            try {
                usableBytes = disk.usableBytes();
            } catch (IOException e) {
                usableBytes = 0;
            }
            isFull = false;
        }
        // The next segment and the manifest that names it must fit before more is promised.
        long growth = usableBytes - 2L * options.segmentBytes() - reserveBytes();
        return Math.max(0, isFull || growth <= 0 ? claimed() : claimed() + growth);
    }

    /// What a client can certainly put with the reserve untouched.
    private long claimed() {
        long here = writer.bytesClaimed();
        if (!isReserveBehind()) {
            return here - reserveBytes();
        }
        long behind = maintenance.spare.bytes() - headerBytes() - 3L * SegmentHeader.PAGE_BYTES;
        return Math.max(here, behind - reserveBytes());
    }

    @Override
    public int reserveBytes() {
        return Math.clamp(
                        options.segmentBytes() / RESERVE_SHARE,
                        RESERVE_BYTES_MIN,
                        RESERVE_BYTES_MAX)
                + RESERVE_BYTES_EACH * logs.size();
    }

    @Override
    public boolean isReserveBehind() {
        return maintenance.spare.bytes() >= segmentBytesMin();
    }

    @Override
    public void reserveBehind() throws IOException {
        maintenance.spare.claim(segmentBytesMin());
    }

    private int segmentBytesMin() {
        return headerBytes() + 2 * reserveBytes();
    }

    @Override
    public LogWriter.Open next(int bytesMin) throws IOException {
        return maintenance.next(Math.max(bytesMin, segmentBytesMin()));
    }

    @Override
    public int headerBytes() {
        return 2 * SegmentHeader.copyBytes(logs.size());
    }

    @Override
    public SegmentHeader header(
            Manifest.Segment segment,
            long firstBatch,
            long lastControl,
            long previous,
            int previousBatch) {
        List<SegmentHeader.Partition> partitions = new ArrayList<>();
        for (Log log : logs.values()) {
            partitions.add(
                    new SegmentHeader.Partition(
                            log.partition,
                            log.logId,
                            log.storageId,
                            log.last,
                            log.nextSequence,
                            log.hardState));
        }
        return new SegmentHeader(
                segment.salt(),
                segment.number(),
                firstBatch,
                lastControl,
                previous,
                previousBatch,
                nextLogId,
                partitions);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (failure == null && !writer.isDirty()) {
            try {
                settle();
            } catch (IOException e) {
                // Closing loses nothing that was synced; the next start cuts what is torn.
                failure = e.getMessage();
            }
        }
        closed = true;
        maintenance.close();
        writer.close();
        files.close();
    }
}
