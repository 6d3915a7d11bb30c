package io.ridgeline.simulation.cluster;

import io.ridgeline.simulation.checker.StableLogs;
import io.ridgeline.simulation.disk.SimBucket;
import io.ridgeline.simulation.disk.SimDisk;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogReader;
import org.jspecify.annotations.Nullable;

/// The storage as a model: entries instead of bytes.
final class ModelStore implements NodeStore {
    private final SimDisk disk;
    private @Nullable SimBucket bucket;

    ModelStore(SimDisk disk) {
        this.disk = disk;
    }

    private SimBucket bucket() {
        SimBucket open = bucket;
        if (open == null) {
            throw new IllegalStateException("no process has opened the bucket");
        }
        return open;
    }

    @Override
    public LogBucket open() {
        SimBucket opened = new SimBucket(disk);
        bucket = opened;
        return opened;
    }

    @Override
    public @Nullable LogReader reader(PartitionId partition) {
        SimBucket open = bucket;
        return open == null || !open.partitions().contains(partition)
                ? null
                : open.open(partition).reader();
    }

    @Override
    public void letGo() {
        bucket = null;
    }

    @Override
    public int beginSync() {
        return bucket().beginSync();
    }

    @Override
    public void completeSync(int mark) {
        bucket().completeSync(mark);
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
        return bucket().maintain();
    }

    @Override
    public void close() {
        bucket().close();
    }

    @Override
    public void losePower() {
        disk.loseUnsynced();
    }

    @Override
    public void wipe() {
        disk.wipe();
    }

    @Override
    public void failNextSync(boolean fail) {
        disk.failNextSync(fail);
    }

    @Override
    public boolean isFailing() {
        return disk.isFailing();
    }

    @Override
    public void setFull(boolean full) {
        disk.setFull(full);
    }

    @Override
    public long damage(PartitionId partition, double place, boolean confirmedOnly) {
        return disk.damage(
                partition, place, confirmedOnly ? disk.savedWatermark(partition) : Long.MAX_VALUE);
    }

    @Override
    public boolean damageHardState(PartitionId partition, boolean first) {
        return disk.damageHardState(partition, first);
    }

    @Override
    public void damageWatermark(PartitionId partition) {
        disk.damageWatermark(partition);
    }

    @Override
    public boolean isDamaged(PartitionId partition) {
        return disk.isDamaged(partition);
    }

    @Override
    public boolean isDamaged(PartitionId partition, long index) {
        return disk.isDamaged(partition, index);
    }

    @Override
    public long savedWatermark(PartitionId partition) {
        return disk.savedWatermark(partition);
    }

    @Override
    public long startedAt() {
        return disk.startedAt();
    }

    @Override
    public void saveStartedAt(long millis) {
        disk.saveStartedAt(millis);
    }

    @Override
    public void takeImage() {
        disk.takeImage();
    }

    @Override
    public void restoreImage() {
        disk.restoreImage();
    }

    @Override
    public @Nullable StableLogs stable() {
        return disk;
    }

    @Override
    public int blanks() {
        SimBucket open = bucket;
        return open == null ? 0 : open.blanks();
    }

    @Override
    public int tornWrites() {
        return disk.tornWrites();
    }

    @Override
    public long chainAt(PartitionId partition, long index) {
        SimBucket open = bucket;
        return open == null ? -1 : open.chainAt(partition, index);
    }
}
