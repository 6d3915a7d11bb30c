package io.ridgeline.runtime.refusal;

import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Expectation;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Says in the words of the API why the engine did not append.
public final class AppendRefusals {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private AppendRefusals() {}

    /// {@return what the caller is told}
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @throws IllegalArgumentException for a success
    public static Refusal of(AppendResult result, Function<NodeId, String> addresses) {
        SortedMap<String, String> metadata = new TreeMap<>();
        metadata.put("partition", result.partition().toString());
        return switch (result) {
            case AppendResult.Appended appended ->
                    throw new IllegalArgumentException("a success: " + appended);
            case AppendResult.VersionConflict conflict -> {
                metadata.put("stream", conflict.stream().stream());
                metadata.put("expected", text(conflict.expected()));
                metadata.put("current_version", Long.toString(conflict.currentVersion()));
                yield new Refusal(
                        ErrorCode.VERSION_CONFLICT,
                        "stream \"%s\" %s, expected was %s; read it and decide anew"
                                .formatted(
                                        conflict.stream().stream(),
                                        conflict.currentVersion() < 0
                                                ? "has no events"
                                                : "is at version " + conflict.currentVersion(),
                                        text(conflict.expected())),
                        metadata);
            }
            case AppendResult.EventIdConflict conflict -> {
                metadata.put("id", conflict.id().toString());
                metadata.put("reason", conflict.reason().name());
                yield new Refusal(
                        ErrorCode.EVENT_ID_CONFLICT,
                        "event id " + conflict.id() + " " + text(conflict.reason()),
                        metadata);
            }
            case AppendResult.NotCoordinator refused -> {
                String coordinator =
                        refused.coordinator() == null ? "" : refused.coordinator().name();
                metadata.putAll(hint(refused.coordinator(), addresses));
                metadata.put("epoch", Long.toString(refused.epoch()));
                yield new Refusal(
                        ErrorCode.NOT_COORDINATOR,
                        "this node does not coordinate partition %s; %s"
                                .formatted(
                                        refused.partition(),
                                        coordinator.isEmpty()
                                                ? "nobody does yet, try again"
                                                : coordinator + " does"),
                        metadata);
            }
            case AppendResult.QuorumUnavailable refused -> {
                metadata.put("needed", Integer.toString(refused.needed()));
                metadata.put("reachable", Integer.toString(refused.reachable()));
                yield new Refusal(
                        ErrorCode.QUORUM_UNAVAILABLE,
                        "partition %s has %d of %d needed replicas in contact here; nothing was"
                                        .formatted(
                                                refused.partition(),
                                                refused.reachable(),
                                                refused.needed())
                                + " written, try again later or at another node",
                        metadata);
            }
            case AppendResult.Overloaded refused ->
                    overloaded(
                            refused.limit(), refused.retryAfterNanos() / NANOS_PER_MILLI, metadata);
            case AppendResult.StorageFull refused ->
                    new Refusal(
                            ErrorCode.STORAGE_FULL,
                            "the disk is full; reads go on, writes resume once there is space",
                            metadata);
            case AppendResult.TooLarge refused ->
                    Refusal.tooLarge(
                            "events",
                            "storage and transport",
                            "bytes",
                            refused.bytes(),
                            refused.bytesMax());
            case AppendResult.UnknownPartition refused ->
                    new Refusal(
                            ErrorCode.NOT_FOUND, "no partition " + refused.partition(), metadata);
            case AppendResult.Stopping refused ->
                    new Refusal(ErrorCode.NOT_READY, "the node is stopping", metadata);
            case AppendResult.Stopped refused ->
                    new Refusal(
                            ErrorCode.NOT_READY,
                            "partition %s is stopped on this node: %s"
                                    .formatted(refused.partition(), refused.reason()),
                            metadata);
            case AppendResult.Discarded refused ->
                    new Refusal(
                            ErrorCode.NOT_COORDINATOR,
                            "another coordinator took over before it was confirmed; nothing was"
                                    + " written, try again",
                            metadata);
            case AppendResult.Indeterminate unknown -> {
                metadata.put("cause", unknown.cause().name());
                yield unknown.cause() == AppendResult.Indeterminate.Cause.TIMEOUT
                        ? new Refusal(
                                ErrorCode.TIMEOUT,
                                "not confirmed in time; it may have happened: repeat it with the"
                                        + " same ids",
                                metadata)
                        : new Refusal(
                                ErrorCode.INDETERMINATE,
                                "nobody knows yet whether it happened ("
                                        + unknown.cause()
                                        + "): repeat it with the same ids",
                                metadata);
            }
        };
    }

    /// {@return where to go}
    static SortedMap<String, String> hint(
            @Nullable NodeId coordinator, Function<NodeId, String> addresses) {
        SortedMap<String, String> hint = new TreeMap<>();
        hint.put("coordinator", coordinator == null ? "" : coordinator.name());
        String address = coordinator == null ? "" : addresses.apply(coordinator);
        if (!address.isEmpty()) {
            hint.put("coordinator_address", address);
        }
        return hint;
    }

    /// {@return that too much is queued}
    public static Refusal overloaded(
            String limit, long retryAfterMillis, Map<String, String> metadata) {
        SortedMap<String, String> all = new TreeMap<>(metadata);
        all.put("limit", limit);
        all.put("retry_after_millis", Long.toString(Math.max(1, retryAfterMillis)));
        return new Refusal(
                ErrorCode.OVERLOADED,
                "too much is queued (" + limit + "); nothing was written, try again later",
                all);
    }

    /// {@return that a node is not asked for a while, since it has not answered others}
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    public static Refusal circuitOpen(
            PartitionId partition,
            NodeId coordinator,
            long retryAfterMillis,
            Function<NodeId, String> addresses) {
        SortedMap<String, String> metadata = hint(coordinator, addresses);
        metadata.put("partition", partition.toString());
        metadata.put("retry_after_millis", Long.toString(Math.max(1, retryAfterMillis)));
        return new Refusal(
                ErrorCode.CIRCUIT_OPEN,
                "node %s, which coordinates partition %s, has not answered this node lately;"
                                .formatted(coordinator, partition)
                        + " nothing was written, try again later or at another node",
                metadata);
    }

    private static String text(Expectation expectation) {
        return switch (expectation) {
            case Expectation.Any any -> "any";
            case Expectation.NoStream none -> "none";
            case Expectation.StreamExists exists -> "exists";
            case Expectation.ExactVersion exact -> Long.toString(exact.version());
        };
    }

    private static String text(AppendResult.EventIdConflict.Reason reason) {
        return switch (reason) {
            case OTHER_CONTENT -> "is taken by an event with other content";
            case MIXED -> "is taken, other ids of the transaction are not";
            case REPEATED_IN_TRANSACTION -> "is in the transaction twice";
            case OTHER_ORDER -> "and the others are taken, but not in this order";
        };
    }
}
