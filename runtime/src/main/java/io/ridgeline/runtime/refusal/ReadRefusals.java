package io.ridgeline.runtime.refusal;

import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// Says in the words of the API why something is not read.
public final class ReadRefusals {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private ReadRefusals() {}

    /// {@return what the caller is told}
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @throws IllegalArgumentException if the read may go on
    public static Refusal of(ReadIndexResult result, Function<NodeId, String> addresses) {
        SortedMap<String, String> metadata = new TreeMap<>();
        metadata.put("partition", result.partition().toString());
        return switch (result) {
            case ReadIndexResult.Ready ready ->
                    throw new IllegalArgumentException("not refused: " + ready);
            case ReadIndexResult.NotCoordinator refused -> {
                metadata.putAll(AppendRefusals.hint(refused.coordinator(), addresses));
                yield new Refusal(
                        ErrorCode.NOT_COORDINATOR,
                        "this node does not coordinate partition " + refused.partition(),
                        metadata);
            }
            case ReadIndexResult.QuorumUnavailable refused ->
                    new Refusal(
                            ErrorCode.QUORUM_UNAVAILABLE,
                            "partition %s has %d of %d needed replicas in contact here; try again"
                                            .formatted(
                                                    refused.partition(),
                                                    refused.reachable(),
                                                    refused.needed())
                                    + " later or at another node, or read with LOCAL consistency",
                            metadata);
            case ReadIndexResult.Overloaded refused ->
                    AppendRefusals.overloaded(
                            refused.limit(), refused.retryAfterNanos() / NANOS_PER_MILLI, metadata);
            case ReadIndexResult.TimedOut refused -> {
                metadata.put("sequence", Long.toString(refused.lastSequence()));
                metadata.putAll(AppendRefusals.hint(refused.coordinator(), addresses));
                yield new Refusal(
                        ErrorCode.TIMEOUT,
                        "partition %s is at sequence %d here, less than what must be visible"
                                .formatted(refused.partition(), refused.lastSequence()),
                        metadata);
            }
            case ReadIndexResult.OtherHistory refused ->
                    otherHistory(refused.partition(), refused.history());
            case ReadIndexResult.UnknownPartition refused -> unknown(refused.partition());
            case ReadIndexResult.Stopped refused ->
                    new Refusal(
                            ErrorCode.NOT_READY,
                            "partition " + refused.partition() + " is stopped on this node",
                            metadata);
        };
    }

    /// {@return that there is no such partition}
    public static Refusal unknown(PartitionId partition) {
        return Refusal.of(
                ErrorCode.NOT_FOUND,
                "no partition " + partition,
                Map.of("partition", partition.toString()));
    }

    /// {@return that other nodes hold a partition}
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    public static Refusal notReplica(
            PartitionId partition, List<NodeId> replicas, Function<NodeId, String> addresses) {
        String names = String.join(",", replicas.stream().map(NodeId::name).toList());
        String known =
                String.join(
                        ",",
                        replicas.stream()
                                .map(addresses)
                                .filter(address -> !address.isEmpty())
                                .toList());
        return Refusal.of(
                ErrorCode.NOT_REPLICA,
                "partition " + partition + " is not on this node; ask one of " + names,
                Map.of(
                        "partition",
                        partition.toString(),
                        "replicas",
                        names,
                        "replica_addresses",
                        known));
    }

    /// {@return that a partition cannot be read for now}
    public static Refusal unreadable(PartitionId partition) {
        return Refusal.of(
                ErrorCode.NOT_READY,
                "partition " + partition + " is not readable on this node yet; try again",
                Map.of("partition", partition.toString()));
    }

    /// {@return that a position is of another history than its partition}
    public static Refusal otherHistory(PartitionId partition, int history) {
        return Refusal.of(
                ErrorCode.HISTORY_MISMATCH,
                "partition "
                        + partition
                        + " is in history "
                        + history
                        + ", the position is of another: read it again from the start",
                Map.of("partition", partition.toString(), "history", Integer.toString(history)));
    }
}
