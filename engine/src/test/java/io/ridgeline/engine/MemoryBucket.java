package io.ridgeline.engine;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A bucket in memory that knows what a power cut would leave. A double for tests, by the contract
/// of the storage SPI.
public final class MemoryBucket implements LogBucket {
    private final TreeMap<PartitionId, MemoryLog> logs = new TreeMap<>();
    private long storageIds;
    private boolean dirty;
    private int syncs;
    private long bytesFree = Long.MAX_VALUE;
    private @Nullable StorageException failure;

    /// @param seed makes storage ids
    public MemoryBucket(long seed) {
        storageIds = seed << 32;
    }

    UUID nextStorageId() {
        return new UUID(0x52696467L, ++storageIds);
    }

    void markDirty() {
        dirty = true;
    }

    void check() {
        if (failure != null) {
            throw new StorageException(StorageException.Kind.CLOSED, "stopped by a failed sync");
        }
    }

    /// Makes the next sync, and everything after it, fail.
    public void failSyncs() {
        failure = new StorageException(StorageException.Kind.FAILED, "fsync: input/output error");
    }

    /// Limits what clients may append.
    public void setBytesFree(long bytes) {
        bytesFree = bytes;
    }

    /// {@return how many syncs were done}
    public int syncs() {
        return syncs;
    }

    /// Drops what was not synced, as a power cut would.
    public void powerCut() {
        logs.values().forEach(MemoryLog::powerCut);
        dirty = false;
    }

    /// Loses everything, as a new disk would.
    public void wipe() {
        logs.clear();
        dirty = false;
    }

    @Override
    public SortedSet<PartitionId> partitions() {
        return new TreeSet<>(logs.keySet());
    }

    @Override
    public PartitionLog open(PartitionId partition) {
        return logs.computeIfAbsent(partition, id -> new MemoryLog(id, this));
    }

    /// {@return the log of a partition, for looking into}
    public MemoryLog log(PartitionId partition) {
        return (MemoryLog) open(partition);
    }

    @Override
    public boolean isDirty() {
        return dirty;
    }

    @Override
    public void sync() {
        if (failure != null) {
            throw failure;
        }
        logs.values().forEach(MemoryLog::synced);
        dirty = false;
        syncs++;
    }

    @Override
    public boolean maintain() {
        return false;
    }

    @Override
    public long clientBytesFree() {
        return bytesFree;
    }

    @Override
    public void close() {}
}
