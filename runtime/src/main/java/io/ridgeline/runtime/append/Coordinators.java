package io.ridgeline.runtime.append;

import io.ridgeline.api.v1.PartitionCoordinator;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.NodeId;
import java.util.function.Function;

/// Tells clients which node orders the writes of a partition.
public final class Coordinators {
    private Coordinators() {}

    /// {@return what is known of a partition's coordinator}
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    public static PartitionCoordinator of(Partition partition, Function<NodeId, String> addresses) {
        PartitionCoordinator.Builder known =
                PartitionCoordinator.newBuilder().setPartition(partition.id().value());
        NodeId coordinator = partition.published().coordinator();
        if (coordinator != null) {
            known.setNode(coordinator.name()).setAddress(addresses.apply(coordinator));
        }
        return known.build();
    }
}
