package io.ridgeline.runtime.shard;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Slots;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The partitions of a node and the way from a partition key to one.
public final class PartitionTable {
    private final SortedMap<PartitionId, Partition> partitions = new TreeMap<>();
    private final Partition[] bySlot = new Partition[Slots.COUNT];

    /// @param partitionOfSlot the recorded table; names partitions that are among the given ones
    public PartitionTable(
            Collection<Partition> partitions, IntFunction<PartitionId> partitionOfSlot) {
        for (Partition partition : partitions) {
            this.partitions.put(partition.id(), partition);
        }
        for (int slot = 0; slot < bySlot.length; slot++) {
            PartitionId id = partitionOfSlot.apply(slot);
            Partition partition = this.partitions.get(id);
            if (partition == null) {
                throw new IllegalArgumentException("slot " + slot + " is in no partition, " + id);
            }
            bySlot[slot] = partition;
        }
    }

    /// {@return the partition of a key}
    public Partition ofKey(String partitionKey) {
        return bySlot[Slots.slotOf(partitionKey)];
    }

    /// {@return the partition that holds a slot}
    public Partition ofSlot(int slot) {
        return bySlot[slot];
    }

    /// {@return the partition of a number; null if there is none}
    public @Nullable Partition get(PartitionId id) {
        return partitions.get(id);
    }

    /// {@return all partitions, sorted}
    public Collection<Partition> all() {
        return Collections.unmodifiableCollection(partitions.values());
    }
}
