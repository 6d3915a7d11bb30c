package io.ridgeline.simulation.disk;

import io.ridgeline.simulation.checker.StableLogs;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The disk of one node, which outlives its processes: stable contents, and writes in the page
/// cache in the order in which they were made. A process crash keeps both; a power cut keeps the
/// stable contents and a prefix of the writes that is up to chance.
public final class SimDisk implements StableLogs {
    private final int node;
    private final NodeId name;
    private final Seeded random;
    private final DiskObserver observer;
    private final Set<DiskRule> broken;
    private final SortedMap<PartitionId, LogImage> images = new TreeMap<>();
    private final Deque<DiskWrite> cache = new ArrayDeque<>();
    private SortedMap<PartitionId, LogImage> oldImages = new TreeMap<>();
    private long startedAt;
    private long oldStartedAt;
    private boolean markedFailed;
    private boolean failsNextSync;
    private boolean full;
    private boolean namesSynced;
    private int tornWrites;

    /// @param broken the rules that this disk does not keep
    public SimDisk(
            int node, NodeId name, Seeded random, DiskObserver observer, Set<DiskRule> broken) {
        this.node = node;
        this.name = name;
        this.random = random;
        this.observer = observer;
        this.broken = broken.isEmpty() ? EnumSet.noneOf(DiskRule.class) : EnumSet.copyOf(broken);
    }

    /// Reports durability as the entry that a sync covered, even if it was truncated meanwhile; the
    /// reader compares epochs (C7).
    public void nameSynced() {
        namesSynced = true;
    }

    boolean namesSynced() {
        return namesSynced;
    }

    boolean isKept(DiskRule rule) {
        return !broken.contains(rule);
    }

    int node() {
        return node;
    }

    NodeId name() {
        return name;
    }

    DiskObserver observer() {
        return observer;
    }

    SortedMap<PartitionId, LogImage> images() {
        return images;
    }

    Deque<DiskWrite> cache() {
        return cache;
    }

    UUID newStorageId(PartitionId partition) {
        if (!isKept(DiskRule.NEW_ID_WHEN_EMPTY)) {
            return new UUID(node + 1L, partition.value());
        }
        return random.uuid();
    }

    /// {@return the highest startedAt that was saved; 0 for none}
    public long startedAt() {
        return startedAt;
    }

    /// Saves the start of a run, durably.
    public void saveStartedAt(long value) {
        startedAt = value;
    }

    /// The power fails: a prefix of what was not synced survives, up to chance.
    public void loseUnsynced() {
        int survivors = random.between(0, cache.size());
        if (survivors < cache.size() && survivors > 0) {
            tornWrites++;
        }
        for (int i = 0; i < survivors; i++) {
            apply(cache.remove());
        }
        cache.clear();
    }

    /// {@return how often a batch survived in part}
    public int tornWrites() {
        return tornWrites;
    }

    /// Everything is gone, the start of the last run too.
    public void wipe() {
        images.clear();
        cache.clear();
        startedAt = 0;
        markedFailed = false;
        failsNextSync = false;
    }

    /// Remembers the stable contents for [#restoreImage].
    public void takeImage() {
        oldImages = new TreeMap<>();
        images.forEach((partition, image) -> oldImages.put(partition, image.copy()));
        oldStartedAt = startedAt;
    }

    /// Puts old contents back, as an operator may who restores a snapshot (H17).
    public void restoreImage() {
        images.clear();
        cache.clear();
        for (Map.Entry<PartitionId, LogImage> old : oldImages.entrySet()) {
            images.put(old.getKey(), old.getValue().copy());
        }
        startedAt = oldStartedAt;
    }

    /// Lets the next sync fail, or takes that back.
    public void failNextSync(boolean fail) {
        failsNextSync = fail;
    }

    /// {@return whether a sync is yet to fail}
    public boolean isFailing() {
        return failsNextSync;
    }

    boolean takeSyncFailure() {
        boolean fails = failsNextSync;
        failsNextSync = false;
        return fails;
    }

    void markFailed() {
        // Writing the mark needs the disk that has just failed: best effort.
        markedFailed = random.chance(0.8);
    }

    boolean takeFailedMark() {
        boolean marked = markedFailed;
        markedFailed = false;
        return marked;
    }

    /// Sets whether there is no space for client writes.
    public void setFull(boolean full) {
        this.full = full;
    }

    boolean isFull() {
        return full;
    }

    /// Flips bits in a stable entry.
    ///
    /// @param place where, as a fraction of the log
    /// @param atMost the last index to hit; nothing is hit if the log has none
    /// @return the index, or 0
    public long damage(PartitionId partition, double place, long atMost) {
        LogImage image = images.get(partition);
        long end = image == null ? 0 : Math.min(atMost, image.entries.size());
        if (image == null || end == 0) {
            return 0;
        }
        long index = 1 + (long) (place * end);
        index = Math.min(index, end);
        image.damaged.add(index);
        return index;
    }

    /// {@return the watermark index that is saved; 0 for none}
    public long savedWatermark(PartitionId partition) {
        LogImage image = images.get(partition);
        return image == null ? 0 : image.watermark.index();
    }

    /// Flips bits in one copy of a hard state; with both bad the replica is blank.
    ///
    /// @return whether both are bad now
    public boolean damageHardState(PartitionId partition, boolean first) {
        LogImage image = images.get(partition);
        if (image == null) {
            return false;
        }
        if (first) {
            image.firstHardCopyBad = true;
        } else {
            image.secondHardCopyBad = true;
        }
        return image.firstHardCopyBad && image.secondHardCopyBad;
    }

    /// Loses the saved watermark, which is always safe.
    public void damageWatermark(PartitionId partition) {
        LogImage image = images.get(partition);
        if (image != null) {
            image.watermark = LogPosition.NONE;
        }
    }

    /// {@return whether a partition has a copy of something here that cannot be read}
    public boolean isDamaged(PartitionId partition) {
        LogImage image = images.get(partition);
        return image != null
                && (!image.damaged.isEmpty() || image.firstHardCopyBad || image.secondHardCopyBad);
    }

    /// {@return whether the copy of an entry here cannot be read}
    public boolean isDamaged(PartitionId partition, long index) {
        LogImage image = images.get(partition);
        return image != null && image.damaged.contains(index);
    }

    @Override
    public @Nullable HardState stableHardState(PartitionId partition) {
        LogImage image = images.get(partition);
        return image == null ? null : image.hardState;
    }

    @Override
    public @Nullable UUID stableStorageId(PartitionId partition) {
        LogImage image = images.get(partition);
        return image == null ? null : image.storageId;
    }

    @Override
    public long stableChainAt(PartitionId partition, long index) {
        LogImage image = images.get(partition);
        if (image == null || index > image.entries.size()) {
            return index == 0 ? 0 : -1;
        }
        return image.chainAt(index);
    }

    @Override
    public long stableLastIndex(PartitionId partition) {
        LogImage image = images.get(partition);
        return image == null ? 0 : image.entries.size();
    }

    /// Puts the first so many writes of the cache on the stable part.
    void flush(int writes) {
        for (int i = 0; i < writes; i++) {
            apply(cache.remove());
        }
    }

    void drop(int writes) {
        for (int i = 0; i < writes; i++) {
            cache.remove();
        }
    }

    private void apply(DiskWrite write) {
        LogImage image = images.get(write.partition());
        if (write instanceof DiskWrite.Create(PartitionId partition, UUID storageId)) {
            images.put(partition, new LogImage(storageId, HardState.initial(name)));
            return;
        }
        if (image == null) {
            return;
        }
        switch (write) {
            case DiskWrite.Create _ -> throw new IllegalStateException("created above");
            case DiskWrite.Append(PartitionId partition, var entry, long chain) -> {
                if (entry.index() != image.entries.size() + 1L) {
                    // Follows a write that a broken sync dropped: unreachable on a real disk, too.
                    return;
                }
                image.append(entry, chain);
                observer.onDurable(
                        node,
                        partition,
                        image.storageId,
                        entry,
                        chain,
                        image.hardState.promisedEpoch());
            }
            case DiskWrite.Truncate(_, long lastIndex) -> {
                if (isKept(DiskRule.TRUNCATION_IS_DURABLE)) {
                    image.truncateAfter(lastIndex);
                }
            }
            case DiskWrite.Save(PartitionId partition, HardState hardState) -> {
                image.previousHardState = image.hardState;
                image.hardState = hardState;
                image.firstHardCopyBad = false;
                image.secondHardCopyBad = false;
                observer.onHardState(node, partition, image.storageId, hardState);
            }
            case DiskWrite.Format(PartitionId partition, UUID storageId) ->
                    images.put(partition, new LogImage(storageId, HardState.initial(name)));
        }
    }
}
