package io.ridgeline.simulation.cluster;

import io.ridgeline.simulation.checker.Checker;
import io.ridgeline.simulation.checker.StableLogs;
import io.ridgeline.simulation.disk.ObservedBucket;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.storage.file.FileStorage;
import io.ridgeline.storage.file.StorageOptions;
import io.ridgeline.storage.file.disk.SimulatedDisk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The storage plugin over a disk in memory: real files, records, indexes and recovery.
final class FileStore implements NodeStore {
    private static final StorageOptions OPTIONS = new StorageOptions(64 << 10, 4 << 10, 4, 16);

    private final int node;
    private final NodeId id;
    private final Seeded random;
    private final Checker checker;
    private final ObservedBucket.Synced synced = new ObservedBucket.Synced();
    private SimulatedDisk disk;
    private @Nullable FileStorage storage;
    private @Nullable ObservedBucket bucket;
    private long startedAt;
    private boolean flipped;
    private long failing = -1;
    private int blanks;

    FileStore(int node, NodeId id, Seeded random, Checker checker) {
        this.node = node;
        this.id = id;
        this.random = random;
        this.checker = checker;
        this.disk = new SimulatedDisk(random);
    }

    private ObservedBucket bucket() {
        ObservedBucket open = bucket;
        if (open == null) {
            throw new IllegalStateException("no process has opened the bucket");
        }
        return open;
    }

    @Override
    public LogBucket open() {
        disk.restart();
        failing = -1;
        FileStorage opened = FileStorage.open(disk, OPTIONS, id, random::uuid);
        storage = opened;
        ObservedBucket observed = new ObservedBucket(node, opened.bucket(0), checker, synced);
        bucket = observed;
        blanks = 0;
        for (PartitionId partition : observed.partitions()) {
            if (observed.open(partition).state().condition() instanceof Condition.Blank) {
                blanks++;
            }
        }
        return observed;
    }

    @Override
    public @Nullable LogReader reader(PartitionId partition) {
        ObservedBucket open = bucket;
        return open == null || !open.partitions().contains(partition)
                ? null
                : open.open(partition).reader();
    }

    @Override
    public void letGo() {
        disk.kill();
        storage = null;
        bucket = null;
    }

    @Override
    public int beginSync() {
        throw new UnsupportedOperationException("the plugin syncs at once");
    }

    @Override
    public void completeSync(int mark) {
        throw new UnsupportedOperationException("the plugin syncs at once");
    }

    @Override
    public void sync() {
        bucket().sync();
    }

    @Override
    public boolean isDirty() {
        return bucket().isDirty();
    }

    @Override
    public boolean maintain() {
        disk.advance(50_000_000);
        return bucket().maintain();
    }

    @Override
    public void close() {
        FileStorage open = storage;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void losePower() {
        disk.cutPower();
    }

    @Override
    public void wipe() {
        disk = new SimulatedDisk(random);
        failing = -1;
        synced.forget();
        startedAt = 0;
        flipped = false;
    }

    @Override
    public void failNextSync(boolean fail) {
        failing = fail ? disk.operations() + random.between(0, 4) : -1;
        disk.failAt(failing, SimulatedDisk.Fault.ERROR);
    }

    @Override
    public boolean isFailing() {
        return failing >= disk.operations();
    }

    @Override
    public void setFull(boolean full) {
        disk.capacity(full ? disk.usedBytes() + random.between(0, 100_000) : Long.MAX_VALUE);
    }

    @Override
    public long damage(PartitionId partition, double place, boolean confirmedOnly) {
        if (confirmedOnly) {
            // Bytes do not say whether they are confirmed; the model storage has that fault.
            return 0;
        }
        List<String> segments =
                disk.paths().stream().filter(path -> path.contains("/segment-")).toList();
        if (segments.isEmpty()) {
            return 0;
        }
        String path = segments.get(random.between(0, segments.size() - 1));
        synced.forget();
        flipped = true;
        return disk.flip(path, (long) (place * disk.length(path)), 1 << random.between(0, 7))
                ? 1
                : 0;
    }

    @Override
    public boolean damageHardState(PartitionId partition, boolean first) {
        return false;
    }

    @Override
    public void damageWatermark(PartitionId partition) {
        // A small file like any other: covered by the plugin's own tests.
    }

    @Override
    public boolean isDamaged(PartitionId partition) {
        return flipped;
    }

    @Override
    public boolean isDamaged(PartitionId partition, long index) {
        return flipped;
    }

    @Override
    public long savedWatermark(PartitionId partition) {
        return Long.MAX_VALUE;
    }

    @Override
    public long startedAt() {
        return startedAt;
    }

    @Override
    public void saveStartedAt(long millis) {
        startedAt = millis;
    }

    @Override
    public void takeImage() {
        throw new UnsupportedOperationException("only the model keeps images");
    }

    @Override
    public void restoreImage() {
        throw new UnsupportedOperationException("only the model keeps images");
    }

    @Override
    public @Nullable StableLogs stable() {
        return null;
    }

    @Override
    public int blanks() {
        return blanks;
    }

    @Override
    public int tornWrites() {
        return 0;
    }

    @Override
    public long chainAt(PartitionId partition, long index) {
        ObservedBucket open = bucket;
        return open == null ? -1 : open.chainAt(partition, index);
    }
}
