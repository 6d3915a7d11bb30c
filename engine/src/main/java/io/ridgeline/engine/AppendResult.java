package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The answer to an [ExecuteTransaction].
public sealed interface AppendResult {

    /// {@return the partition}
    PartitionId partition();

    /// {@return what this says about the write}
    Certainty certainty();

    /// Confirmed: on stable storage of a write quorum.
    ///
    /// @param firstSequence of the first event
    /// @param lastSequence of the last event
    /// @param streams in the transaction's order
    /// @param duplicate whether an earlier attempt with the same event ids did it
    record Appended(
            PartitionId partition,
            int history,
            long firstSequence,
            long lastSequence,
            List<StreamVersions> streams,
            boolean duplicate)
            implements AppendResult {
        public Appended {
            streams = List.copyOf(streams);
        }

        @Override
        public Certainty certainty() {
            return Certainty.DECIDED;
        }
    }

    /// A condition did not hold, at some moment between request and answer, against confirmed
    /// events.
    ///
    /// @param currentVersion the last version of the stream; −1 without events
    record VersionConflict(
            PartitionId partition, StreamKey stream, Expectation expected, long currentVersion)
            implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.DECIDED;
        }
    }

    /// An event id is taken.
    record EventIdConflict(PartitionId partition, UUID id, Reason reason) implements AppendResult {
        /// What is wrong with the id.
        public enum Reason {
            /// The event of that id has other content.
            OTHER_CONTENT,
            /// Some of the transaction's ids are taken, others are not.
            MIXED,
            /// The transaction itself names it twice.
            REPEATED_IN_TRANSACTION,
            /// All events are there, but not one behind the other in this order.
            OTHER_ORDER
        }

        @Override
        public Certainty certainty() {
            return Certainty.DECIDED;
        }
    }

    /// This node does not coordinate the partition.
    ///
    /// @param coordinator where to go, if that is known
    /// @param epoch the highest that the node knows
    /// @param tried nodes that were asked already
    record NotCoordinator(
            PartitionId partition, @Nullable NodeId coordinator, long epoch, List<NodeId> tried)
            implements AppendResult {
        public NotCoordinator {
            tried = List.copyOf(tried);
        }

        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// Fewer replicas than a write needs are in contact.
    record QuorumUnavailable(PartitionId partition, int needed, int reachable)
            implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// A limit is reached.
    ///
    /// @param limit its name
    record Overloaded(PartitionId partition, String limit, long retryAfterNanos)
            implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// The coordinator's disk has no space for client writes.
    record StorageFull(PartitionId partition) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// The transaction is larger than storage or transport take.
    record TooLarge(PartitionId partition, long bytes, long bytesMax) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// No such partition.
    record UnknownPartition(PartitionId partition) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// The node is shutting down.
    record Stopping(PartitionId partition) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// The replica on this node is stopped; the operator must act if it was the only one.
    record Stopped(PartitionId partition, String reason) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// Was ordered, and then proven discarded: another entry is confirmed in its place.
    record Discarded(PartitionId partition) implements AppendResult {
        @Override
        public Certainty certainty() {
            return Certainty.NOTHING_HAPPENED;
        }
    }

    /// Was ordered, or may have been; its fate is not known here.
    record Indeterminate(PartitionId partition, Cause cause) implements AppendResult {
        /// Why it is not known.
        public enum Cause {
            /// The deadline passed.
            TIMEOUT,
            /// Another coordinator took over while a repeat waited for its first attempt.
            DEPOSED,
            /// The disk failed.
            STORAGE_FAILED,
            /// The node to which it was forwarded was lost.
            CONNECTION_LOST,
            /// The node stopped.
            STOPPING,
            /// An invariant was violated, which stopped the partition.
            PARTITION_STOPPED
        }

        @Override
        public Certainty certainty() {
            return Certainty.UNKNOWN;
        }
    }
}
