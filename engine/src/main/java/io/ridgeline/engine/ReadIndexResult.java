package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import org.jspecify.annotations.Nullable;

/// The answer to a [ReadIndexRequest].
public sealed interface ReadIndexResult {

    /// {@return the partition}
    PartitionId partition();

    /// Serve up to here.
    ///
    /// @param watermark bound for [io.ridgeline.spi.storage.LogReader] queries
    /// @param lastSequence last confirmed sequence there; −1 for none
    record Ready(PartitionId partition, int history, LogPosition watermark, long lastSequence)
            implements ReadIndexResult {}

    /// Ask the coordinator.
    record NotCoordinator(PartitionId partition, @Nullable NodeId coordinator, long epoch)
            implements ReadIndexResult {}

    /// Fewer replicas than needed are in contact.
    record QuorumUnavailable(PartitionId partition, int needed, int reachable)
            implements ReadIndexResult {}

    /// A limit is reached.
    record Overloaded(PartitionId partition, String limit, long retryAfterNanos)
            implements ReadIndexResult {}

    /// The deadline passed; this replica is at that sequence.
    record TimedOut(PartitionId partition, long lastSequence, @Nullable NodeId coordinator)
            implements ReadIndexResult {}

    /// The caller's position is of another history than the partition.
    record OtherHistory(PartitionId partition, int history) implements ReadIndexResult {}

    /// No such partition here.
    record UnknownPartition(PartitionId partition) implements ReadIndexResult {}

    /// The replica on this node is stopped or stopping.
    record Stopped(PartitionId partition) implements ReadIndexResult {}
}
