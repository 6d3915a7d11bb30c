package io.ridgeline.simulation.disk;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A bucket of one process over a [SimDisk]. Its sync can be called at once, or begun and completed
/// later, with appends and truncations in between.
public final class SimBucket implements LogBucket, Chains {
    private static final long PLENTY_BYTES = 1L << 40;

    private final SimDisk disk;
    private final SortedMap<PartitionId, SimLog> logs = new TreeMap<>();
    private int dirtyFrom;
    private boolean stopped;
    private boolean closed;
    private int blanks;
    private int damages;

    /// Recovers what a crash has left.
    public SimBucket(SimDisk disk) {
        this.disk = disk;
        if (disk.isKept(DiskRule.RECOVERED_IS_SYNCED)) {
            disk.flush(disk.cache().size());
        }
        dirtyFrom = disk.cache().size();
        boolean failed = disk.takeFailedMark();
        for (PartitionId partition : new TreeSet<>(disk.images().keySet())) {
            logs.put(partition, recover(partition, failed));
        }
        // A storage that takes the page cache for the disk sees the writes that are only there.
        for (DiskWrite write : disk.cache()) {
            replayUnsynced(write);
        }
    }

    private void replayUnsynced(DiskWrite write) {
        SimLog log = logs.get(write.partition());
        switch (write) {
            case DiskWrite.Append append when log != null -> log.recoverFromCache(append);
            case DiskWrite.Truncate truncate when log != null ->
                    log.recoverFromCache(truncate.lastIndex());
            case DiskWrite.Save save when log != null -> log.recoverFromCache(save.hardState());
            default -> {
                // Creation and formatting are rare; the log is opened anew.
            }
        }
    }

    private SimLog recover(PartitionId partition, boolean failed) {
        LogImage image = disk.images().get(partition);
        if (image == null) {
            throw new IllegalStateException("no image of " + partition);
        }
        if (image.watermark.index() > image.entries.size() && disk.cache().isEmpty()) {
            disk.observer().onShortLog(node(), partition, image.watermark, image.entries.size());
        }
        @Nullable String blank = failed ? "a sync failed in an earlier run" : null;
        if (image.firstHardCopyBad && !disk.isKept(DiskRule.HARD_STATE_IS_NEWEST)) {
            image.hardState = image.previousHardState;
            image.firstHardCopyBad = false;
            image.secondHardCopyBad = false;
        } else if (image.firstHardCopyBad && image.secondHardCopyBad) {
            blank = "neither copy of the hard state can be read";
        }
        image.firstHardCopyBad = false;
        image.secondHardCopyBad = false;
        if (!image.damaged.isEmpty()) {
            long unsure = firstUnsure(image);
            if (unsure > 0) {
                if (disk.isKept(DiskRule.ONLY_TORN_IS_CUT)) {
                    blank = "index " + unsure + " cannot be read and may have been acknowledged";
                }
                image.truncateAfter(unsure - 1);
            }
        }
        if (image.watermark.index() > image.entries.size()
                && disk.isKept(DiskRule.WATERMARK_WITHIN_DURABLE)) {
            blank = "the log is shorter than its watermark";
        }
        if (blank != null) {
            blanks++;
            // What is confirmed is kept for readers; nothing behind it is sure.
            image.truncateAfter(image.watermark.index());
            if (image.watermark.index() > image.entries.size()) {
                image.watermark =
                        image.entries.isEmpty()
                                ? LogPosition.NONE
                                : image.entries.getLast().position();
            }
            image.storageId = disk.newStorageId(partition);
            if (disk.isKept(DiskRule.NEW_ID_WHEN_EMPTY)) {
                image.hardState = HardState.initial(disk.name());
            }
        } else if (!image.damaged.isEmpty()) {
            damages++;
        }
        return new SimLog(this, partition, image, blank);
    }

    /// The first damaged index that is not provably at or below the watermark.
    private static long firstUnsure(LogImage image) {
        for (long index : image.damaged) {
            if (index > image.watermark.index()) {
                return index;
            }
        }
        return 0;
    }

    /// {@return how many replicas were blank when this bucket was opened}
    public int blanks() {
        return blanks;
    }

    /// {@return how many replicas were damaged when this bucket was opened}
    public int damages() {
        return damages;
    }

    SimDisk disk() {
        return disk;
    }

    int node() {
        return disk.node();
    }

    void checkOpen() {
        if (stopped || closed) {
            throw new StorageException(
                    StorageException.Kind.CLOSED,
                    "bucket of " + disk.name() + (closed ? " is closed" : " stopped"));
        }
    }

    void write(DiskWrite write) {
        disk.cache().add(write);
    }

    @Override
    public long chainAt(PartitionId partition, long index) {
        SimLog log = logs.get(partition);
        return log == null ? -1 : log.chainAt(index);
    }

    @Override
    public SortedSet<PartitionId> partitions() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(logs.keySet()));
    }

    @Override
    public PartitionLog open(PartitionId partition) {
        SimLog log = logs.get(partition);
        if (log == null) {
            checkOpen();
            UUID storageId = disk.newStorageId(partition);
            write(new DiskWrite.Create(partition, storageId));
            log =
                    new SimLog(
                            this,
                            partition,
                            new LogImage(storageId, HardState.initial(disk.name())),
                            null);
            logs.put(partition, log);
        }
        return log;
    }

    @Override
    public boolean isDirty() {
        return disk.cache().size() > dirtyFrom;
    }

    /// Begins a sync of all that was written so far.
    ///
    /// @return how many writes it covers, for [#completeSync]
    public int beginSync() {
        dirtyFrom = disk.cache().size();
        return dirtyFrom;
    }

    /// Ends a sync that was begun.
    ///
    /// @throws StorageException if the disk fails it; the bucket is stopped
    public void completeSync(int writes) {
        checkOpen();
        if (disk.takeSyncFailure()) {
            if (disk.isKept(DiskRule.FAILED_SYNC_STOPS)) {
                stopped = true;
                disk.markFailed();
                throw new StorageException(
                        StorageException.Kind.FAILED, "fsync on " + disk.name() + ": I/O error");
            }
            report(writes);
            disk.drop(writes);
            dirtyFrom -= writes;
            return;
        }
        report(writes);
        if (disk.isKept(DiskRule.SYNC_IS_REAL)) {
            disk.flush(writes);
            dirtyFrom -= writes;
        }
    }

    private void report(int writes) {
        int left = writes;
        for (DiskWrite write : disk.cache()) {
            if (left-- == 0) {
                break;
            }
            if (write instanceof DiskWrite.Append(PartitionId partition, var entry, long _)) {
                SimLog log = logs.get(partition);
                if (log != null) {
                    log.onDurable(entry);
                }
            }
        }
    }

    @Override
    public void sync() {
        completeSync(beginSync());
    }

    @Override
    public boolean maintain() {
        if (!stopped && !closed) {
            logs.values().forEach(SimLog::saveWatermark);
        }
        return false;
    }

    @Override
    public long clientBytesFree() {
        return disk.isFull() ? 0 : PLENTY_BYTES;
    }

    @Override
    public void close() {
        if (!closed) {
            maintain();
            closed = true;
        }
    }
}
