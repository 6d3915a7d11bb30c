package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Something that happened in a shard: state changes and refusals, never single writes.
public sealed interface EngineEvent {

    /// {@return the partition, or null if it concerns the node}
    @Nullable PartitionId partition();

    /// A replica plays another role.
    record RoleChanged(PartitionId partition, long epoch, Role role, @Nullable NodeId coordinator)
            implements EngineEvent {}

    /// A replica asks whether the coordinator is gone.
    record PollStarted(PartitionId partition, long promisedEpoch) implements EngineEvent {}

    /// A candidate that is far behind asked another to take over.
    record TurnPassed(PartitionId partition, NodeId to) implements EngineEvent {}

    /// A replica asks for promises.
    record TakeoverStarted(PartitionId partition, long epoch, String reason)
            implements EngineEvent {}

    /// A candidate gave up.
    record TakeoverFailed(PartitionId partition, long epoch, String reason)
            implements EngineEvent {}

    /// A replica promised an epoch.
    record Promised(PartitionId partition, long epoch, NodeId to) implements EngineEvent {}

    /// A candidate copied the best log.
    record LogAdopted(PartitionId partition, long epoch, NodeId from, long lastIndex)
            implements EngineEvent {}

    /// The epoch start is confirmed, and with it all before it.
    ///
    /// @param inheritedEntries entries of earlier epochs that nobody had known to be confirmed
    record EpochConfirmed(PartitionId partition, long epoch, long index, long inheritedEntries)
            implements EngineEvent {}

    /// A coordinator or candidate learned of a higher epoch.
    ///
    /// @param pendingWrites whose fate is now with the next coordinator
    record Deposed(PartitionId partition, long epoch, long byEpoch, int pendingWrites)
            implements EngineEvent {}

    /// Unconfirmed entries gave way to a coordinator's.
    record EntriesDropped(PartitionId partition, long epoch, long firstIndex, long count)
            implements EngineEvent {}

    /// A write's fate turned out after its coordinator was deposed.
    record FateLearned(PartitionId partition, long index, boolean confirmed)
            implements EngineEvent {}

    /// A replica changed between level and lagging.
    record DegradedChanged(PartitionId partition, NodeId replica, boolean degraded)
            implements EngineEvent {}

    /// A replica asks for what it lacks.
    record CatchUpStarted(PartitionId partition, NodeId source, long firstIndex)
            implements EngineEvent {}

    /// A write waits for those before it.
    record WriteBuffered(PartitionId partition, long previousIndex) implements EngineEvent {}

    /// Buffered writes were dropped.
    record BufferDropped(PartitionId partition, int writes, String reason) implements EngineEvent {}

    /// Unacknowledged messages were sent again.
    record Resent(PartitionId partition, NodeId to, long firstIndex) implements EngineEvent {}

    /// A replica without its memory was readmitted.
    record Readmitted(PartitionId partition, NodeId replica, UUID storageId)
            implements EngineEvent {}

    /// The replica here lost its memory.
    record BecameBlank(PartitionId partition, String reason) implements EngineEvent {}

    /// The replica here counts from now on.
    record BecameVoter(PartitionId partition) implements EngineEvent {}

    /// A damaged entry was put back.
    record Repaired(PartitionId partition, long index) implements EngineEvent {}

    /// Damage was found.
    record Damaged(PartitionId partition, long firstIndex, long lastIndex) implements EngineEvent {}

    /// A coordinator lost, or regained, contact to a write quorum.
    record QuorumChanged(PartitionId partition, long epoch, boolean available)
            implements EngineEvent {}

    /// A quorum change was confirmed.
    record QuorumSet(PartitionId partition, int write, int takeover) implements EngineEvent {}

    /// A tombstone was confirmed.
    record Skipped(PartitionId partition, long sequence) implements EngineEvent {}

    /// The configured quorum differs from the log's, which is followed.
    record ConfigurationDiffers(PartitionId partition, String configured, String logged)
            implements EngineEvent {}

    /// A transfer began, ended or was given up.
    record Transfer(PartitionId partition, long epoch, NodeId target, Step step)
            implements EngineEvent {
        /// Where a transfer stands.
        public enum Step {
            /// New writes are held.
            STARTED,
            /// The target may ask.
            CONSENTED,
            /// The epoch goes on here.
            RESUMED
        }
    }

    /// A message was refused.
    record MessageRefused(
            @Nullable PartitionId partition, NodeId from, String message, String reason)
            implements EngineEvent {}

    /// A request was sent on to another node.
    record Forwarded(PartitionId partition, NodeId to, int hops) implements EngineEvent {}

    /// A repeat got the first result.
    record DuplicateAnswered(PartitionId partition, long firstSequence) implements EngineEvent {}

    /// A node is heard again, or silent.
    record PeerChanged(NodeId node, boolean alive) implements EngineEvent {
        @Override
        public @Nullable PartitionId partition() {
            return null;
        }
    }

    /// The bucket's disk failed; all partitions of the shard are stopped.
    record StorageFailed(String reason) implements EngineEvent {
        @Override
        public @Nullable PartitionId partition() {
            return null;
        }
    }

    /// A newer run of this node exists; this one stops.
    record Outdated(long startedAt, long newerStartedAt) implements EngineEvent {
        @Override
        public @Nullable PartitionId partition() {
            return null;
        }
    }

    /// The loop was paused.
    record Paused(long nanos) implements EngineEvent {
        @Override
        public @Nullable PartitionId partition() {
            return null;
        }
    }

    /// An impossible state stopped the partition.
    record Violation(PartitionId partition, Throwable cause) implements EngineEvent {}
}
