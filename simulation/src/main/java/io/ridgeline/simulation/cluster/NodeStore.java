package io.ridgeline.simulation.cluster;

import io.ridgeline.simulation.checker.StableLogs;
import io.ridgeline.simulation.disk.Chains;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogReader;
import org.jspecify.annotations.Nullable;

/// A node's disk with the bucket that a process has opened on it: the model, or the storage plugin
/// over a simulated file layer.
public interface NodeStore extends Chains {

    /// Opens the bucket for a new process, recovering what is there.
    LogBucket open();

    /// {@return the queries of a partition, or null if no process has its log open}
    @Nullable LogReader reader(PartitionId partition);

    /// The process ended; what it had not synced is in the page cache.
    void letGo();

    /// Begins a sync of what is there now.
    int beginSync();

    /// Completes a sync that was begun.
    void completeSync(int mark);

    /// Syncs at once.
    void sync();

    /// {@return whether something waits for a sync}
    boolean isDirty();

    /// Lazy work.
    ///
    /// @return whether there is more to do
    boolean maintain();

    /// Ends the bucket in order.
    void close();

    /// The power fails.
    void losePower();

    /// An empty disk is put in.
    void wipe();

    /// Lets the next sync fail, or takes that back.
    void failNextSync(boolean fail);

    /// {@return whether a sync is yet to fail}
    boolean isFailing();

    /// Sets whether there is space for clients.
    void setFull(boolean full);

    /// Flips bits in an entry.
    ///
    /// @param confirmedOnly whether to keep to what is certainly confirmed
    /// @return the index that was hit; 0 for none
    long damage(PartitionId partition, double place, boolean confirmedOnly);

    /// Flips bits in one copy of a hard state.
    ///
    /// @return whether both are bad now
    boolean damageHardState(PartitionId partition, boolean first);

    /// Loses a saved watermark.
    void damageWatermark(PartitionId partition);

    /// {@return the watermark that a restart would find; the largest number if that is not known}
    long savedWatermark(PartitionId partition);

    /// {@return whether a copy of the partition is bad in some place}
    boolean isDamaged(PartitionId partition);

    /// {@return whether the copy of an entry is bad}
    boolean isDamaged(PartitionId partition, long index);

    /// {@return the start of the last run; 0 for none}
    long startedAt();

    /// Saves the start of a run.
    void saveStartedAt(long millis);

    /// Remembers the disk's contents.
    void takeImage();

    /// Puts the remembered contents back.
    void restoreImage();

    /// {@return what a power cut would leave, or null where only bytes would say}
    @Nullable StableLogs stable();

    /// {@return replicas that were blank when the bucket was opened}
    int blanks();

    /// {@return batches of which a power cut left a part}
    int tornWrites();
}
