package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.function.Consumer;

/// What an operator, or balancing on his behalf, tells the coordinator of a partition.
public sealed interface AdminCommand {

    /// {@return the partition}
    PartitionId partition();

    /// {@return called exactly once on the shard's thread; must not call the shard}
    Consumer<CommandResult> reply();

    /// Makes another replica the coordinator.
    ///
    /// @param target a replica of the partition
    /// @param forced without waiting until the target is level. At a replica that is not the
    ///   coordinator, and is itself the target: the operator's word for consent
    record TransferCoordinator(
            PartitionId partition, NodeId target, boolean forced, Consumer<CommandResult> reply)
            implements AdminCommand {}

    /// Changes W and T by a configuration entry.
    record ChangeQuorum(
            PartitionId partition, int write, int takeover, Consumer<CommandResult> reply)
            implements AdminCommand {}

    /// Hides an event by a tombstone entry, everywhere at the same place of the log.
    record SkipEvent(PartitionId partition, long sequence, Consumer<CommandResult> reply)
            implements AdminCommand {}
}
