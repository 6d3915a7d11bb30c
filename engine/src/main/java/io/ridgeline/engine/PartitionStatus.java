package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A partition as this node sees it, for operators.
///
/// @param voter whether the replica here promises and counts, whatever happens to the power; a
///   blank one does not yet, and until it does its disk is one of those that are lost
/// @param lastSequence last confirmed sequence; −1 for none
/// @param write W as the log says; 0 before the first configuration entry
/// @param takeover T as the log says
/// @param pendingWrites ordered here, fate not known yet
/// @param damagedEntries that wait for repair
/// @param replicas the members that the log names; what a coordinator knows of them
/// @param stopReason empty unless the role is [Role#STOPPED]
public record PartitionStatus(
        PartitionId partition,
        Role role,
        long epoch,
        int history,
        @Nullable NodeId coordinator,
        boolean voter,
        UUID storageId,
        LogPosition last,
        long durableIndex,
        LogPosition watermark,
        long lastSequence,
        int write,
        int takeover,
        int pendingWrites,
        long damagedEntries,
        List<ReplicaStatus> replicas,
        String stopReason) {

    public PartitionStatus {
        replicas = List.copyOf(replicas);
    }

    /// A member of the replica set.
    ///
    /// @param storageId that the log names
    /// @param alive whether its node is heard
    /// @param durableIndex acknowledged to this coordinator; −1 where this node does not coordinate
    /// @param lagEntries behind this coordinator's log; −1 where this node does not coordinate
    /// @param degraded whether it gets pages instead of writes as they come
    public record ReplicaStatus(
            NodeId node,
            UUID storageId,
            boolean alive,
            long durableIndex,
            long lagEntries,
            boolean degraded) {}
}
