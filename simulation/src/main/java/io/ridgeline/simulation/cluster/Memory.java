package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.PartitionStatus;
import io.ridgeline.engine.Shard;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.LogBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which replicas are without their memory. Promises hold while fewer than W disks of a partition
/// are lost between rebuilds, so faults that take a memory ask here first.
public final class Memory {
    private final Cluster cluster;
    private final SortedMap<PartitionId, SortedSet<Integer>> lost = new TreeMap<>();

    private final SortedSet<Integer> expecting = new TreeSet<>();

    Memory(Cluster cluster) {
        this.cluster = cluster;
    }

    private SortedSet<Integer> lost(PartitionId partition) {
        return lost.computeIfAbsent(partition, _ -> new TreeSet<>());
    }

    /// {@return how many replicas of a partition are without memory, or may not be sure of it}
    public int lostCount(PartitionId partition) {
        settle();
        return lost(partition).size();
    }

    /// {@return whether a node may lose its memory now}
    public boolean mayLose(SimNode node) {
        settle();
        if (expecting.contains(node.index())) {
            // It is about to anyway; once more afterwards would be another loss.
            return false;
        }
        for (PartitionId partition : cluster.partitions()) {
            List<SimNode> members = cluster.replicasOf(partition);
            if (!members.contains(node)) {
                continue;
            }
            SortedSet<Integer> without = new TreeSet<>(lost(partition));
            without.add(node.index());
            for (SimNode other : members) {
                if (other != node && other.store().isDamaged(partition)) {
                    return false;
                }
            }
            if (without.size() > cluster.plan().lossDisksMax()
                    || cluster.checker().chosenIndex(partition) == 0) {
                // Before the first configuration all replicas are needed.
                return false;
            }
        }
        return true;
    }

    /// {@return whether a confirmed entry of a node may be damaged now: others must have it}
    public boolean mayDamage(SimNode node, PartitionId partition) {
        settle();
        if (!lost(partition).isEmpty() || cluster.replicasOf(partition).size() < 2) {
            return false;
        }
        for (SimNode other : cluster.replicasOf(partition)) {
            boolean helps =
                    !other.store().isDamaged(partition)
                            && other.store().savedWatermark(partition)
                                    >= node.store().savedWatermark(partition);
            if (other != node && !helps) {
                return false;
            }
        }
        return true;
    }

    /// A node is about to lose everything, at a time of its own.
    public void expectLoss(SimNode node, boolean expected) {
        onLost(node);
        if (expected) {
            expecting.add(node.index());
        } else {
            expecting.remove(node.index());
        }
    }

    /// A node has lost, or is about to lose, everything.
    public void onLost(SimNode node) {
        for (PartitionId partition : cluster.partitions()) {
            if (cluster.replicasOf(partition).contains(node)) {
                onLost(node, partition);
            }
        }
    }

    void onLost(SimNode node, PartitionId partition) {
        lost(partition).add(node.index());
    }

    void onOpened(SimNode node, LogBucket bucket) {
        for (PartitionId partition : bucket.partitions()) {
            if (bucket.open(partition).state().condition() instanceof Condition.Blank) {
                onLost(node, partition);
            }
        }
    }

    /// Takes note of who has been readmitted.
    private void settle() {
        for (PartitionId partition : cluster.partitions()) {
            for (int index : new ArrayList<>(lost(partition))) {
                SimNode node = cluster.nodes().get(index);
                @Nullable Shard shard = node.shard();
                if (shard == null
                        || expecting.contains(index)
                        || node.isStorageFailed()
                        || node.store().isFailing()) {
                    continue;
                }
                @Nullable PartitionStatus status = shard.status().get(partition);
                if (status != null && status.voter()) {
                    lost(partition).remove(index);
                }
            }
        }
    }
}
