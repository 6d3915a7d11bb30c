package io.ridgeline.engine.node;

import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who coordinates the partitions that this node does not hold, as far as their replicas said.
public final class Elsewhere {
    private final Map<PartitionId, Long> epochs = new TreeMap<>();
    private final Map<PartitionId, NodeId> coordinators = new TreeMap<>();

    /// A replica says how it stands; an earlier epoch's word counts no more.
    public void onDigest(NodeId sender, DigestEntry entry) {
        PartitionId partition = entry.partition();
        if (epochs.getOrDefault(partition, Long.MIN_VALUE) > entry.epoch()) {
            return;
        }
        epochs.put(partition, entry.epoch());
        if (entry.phase() == Phase.COORDINATING) {
            coordinators.put(partition, sender);
        } else {
            coordinators.remove(partition, sender);
        }
    }

    /// {@return the coordinator, if one said that it is}
    public @Nullable NodeId coordinator(PartitionId partition) {
        return coordinators.get(partition);
    }

    /// {@return whom to send a write to: the coordinator if he can be asked, any other replica that
    /// can be if not; null if none can}
    ///
    /// @param replicas those who hold the partition
    /// @param tried those who were asked already
    public @Nullable NodeId target(
            PartitionId partition,
            List<NodeId> replicas,
            Collection<NodeId> tried,
            Predicate<NodeId> isHeard) {
        NodeId coordinator = coordinators.get(partition);
        if (coordinator != null && !tried.contains(coordinator) && isHeard.test(coordinator)) {
            return coordinator;
        }
        for (NodeId replica : replicas) {
            if (isHeard.test(replica) && !tried.contains(replica)) {
                return replica;
            }
        }
        return null;
    }
}
