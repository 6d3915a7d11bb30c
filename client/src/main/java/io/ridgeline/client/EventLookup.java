package io.ridgeline.client;

import com.google.protobuf.ByteString;
import io.netty.channel.EventLoop;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.GetEventResponse;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Finds events by their ids: at one node, or at several that together hold all partitions.
final class EventLookup {
    /// How long a node that cannot serve is left alone, and how long it takes to look again if no
    /// other can.
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EventLoop loop;
    private final UnaryCalls unaryCalls;
    private final ReplicaFinder finder;
    private final ClientOptions options;

    EventLookup(
            EventLoop loop, UnaryCalls unaryCalls, ReplicaFinder finder, ClientOptions options) {
        this.loop = loop;
        this.unaryCalls = unaryCalls;
        this.finder = finder;
        this.options = options;
    }

    /// @param partitionKey empty: all partitions are asked
    CompletableFuture<Optional<RecordedEvent>> find(UUID id, String partitionKey) {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).flip();
        GetEventRequest request =
                GetEventRequest.newBuilder()
                        .setId(ByteString.copyFrom(bytes))
                        .setPartitionKey(partitionKey)
                        .build();
        if (!partitionKey.isEmpty()) {
            return atOneNode(request, finder.ofKey(partitionKey));
        }
        Replicas known = finder.known();
        if (known.areSpread()) {
            return new Search(request, known).begin();
        }
        return atOneNode(request, finder.ofEverything())
                .exceptionallyCompose(failed ->
                        reason(failed).code() == ErrorCode.NOT_REPLICA
                                ? finder.learn()
                                        .thenCompose(replicas ->
                                                replicas.areKnown()
                                                        ? new Search(request, replicas).begin()
                                                        : CompletableFuture.failedFuture(failed))
                                : CompletableFuture.failedFuture(reason(failed)));
    }

    private static RidgelineException reason(Throwable failed) {
        Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
        if (cause instanceof RidgelineException known) {
            return known;
        }
        throw new CompletionException(cause);
    }

    private CompletableFuture<Optional<RecordedEvent>> atOneNode(
            GetEventRequest request, Candidates candidates) {
        return unaryCalls
                .call(EventStoreGrpc.getGetEventMethod(), request, candidates)
                .handle((answer, failed) -> {
                    if (failed == null) {
                        return Optional.of(event(answer));
                    } else if (failed instanceof NotFoundException) {
                        return Optional.empty();
                    }
                    throw reason(failed);
                });
    }

    private static RecordedEvent event(GetEventResponse answer) {
        byte[] event = answer.getEvent().toByteArray();
        return new RecordedEvent(event, 0, event.length);
    }

    /// Asks one node after the other, first the one that holds most of what is left to be looked
    /// at. One step at a time.
    private final class Search {
        private final GetEventRequest request;
        private final SortedSet<Integer> left;
        private final long deadlineNanos = System.nanoTime() + options.timeout().toNanos();
        private final Map<Node, Long> restingUntilNanos = new HashMap<>();
        private final CompletableFuture<Optional<RecordedEvent>> result = new CompletableFuture<>();
        private @Nullable Failure last;

        Search(GetEventRequest request, Replicas replicas) {
            this.request = request;
            this.left = replicas.partitions();
        }

        CompletableFuture<Optional<RecordedEvent>> begin() {
            loop.execute(this::step);
            return result;
        }

        private void step() {
            long now = System.nanoTime();
            Replicas replicas = finder.known();
            if (left.isEmpty()) {
                result.complete(Optional.empty());
            } else if (deadlineNanos - now <= 0) {
                giveUp();
            } else {
                best(replicas, now)
                        .ifPresentOrElse(node -> ask(node, replicas, now), () -> pause(replicas));
            }
        }

        private Optional<Node> best(Replicas replicas, long now) {
            return replicas.ofAny(left).stream()
                    .filter(node -> node.isUsable(now))
                    .filter(node -> now - restingUntilNanos.getOrDefault(node, now) >= 0)
                    .max(Comparator.comparingInt(node -> replicas.heldBy(node, left).size()));
        }

        private void ask(Node node, Replicas replicas, long now) {
            SortedSet<Integer> held = replicas.heldBy(node, left);
            unaryCalls.ask(
                    EventStoreGrpc.getGetEventMethod(),
                    request.toBuilder().addAllPartitions(held).build(),
                    node,
                    UnaryCalls.share(deadlineNanos - now),
                    answer -> {
                        node.answered();
                        result.complete(Optional.of(event(answer)));
                    },
                    failure -> loop.execute(() -> onFailure(node, held, failure)));
        }

        private void onFailure(Node node, SortedSet<Integer> held, Failure failure) {
            Failure reason = UnaryCalls.notHappened(failure, node);
            if (reason.code() == ErrorCode.NOT_FOUND) {
                node.answered();
                left.removeAll(held);
            } else if (!reason.code().isTransient()) {
                result.completeExceptionally(reason.toException());
                return;
            } else {
                last = reason;
                UnaryCalls.note(node, reason);
                restingUntilNanos.put(node, System.nanoTime() + PAUSE_NANOS);
                if (reason.code() == ErrorCode.NOT_REPLICA) {
                    finder.refresh();
                }
            }
            step();
        }

        private void pause(Replicas replicas) {
            boolean hopeless =
                    left.stream()
                            .map(replicas::of)
                            .anyMatch(holding ->
                                    !holding.isEmpty()
                                            && holding.stream().allMatch(Node::isUnreachable));
            if (options.failFast() && hopeless) {
                giveUp();
                return;
            }
            finder.refresh();
            Timers.after(loop, PAUSE_NANOS, this::step);
        }

        private void giveUp() {
            Failure reason = last;
            String partitions = String.join(", ", left.stream().map(it -> it.toString()).toList());
            result.completeExceptionally(
                    Failure.of(
                                    reason == null ? ErrorCode.TIMEOUT : reason.code(),
                                    Outcome.NOTHING_HAPPENED,
                                    "no node that holds partition "
                                            + partitions
                                            + " answered"
                                            + (reason == null
                                                    ? " in time"
                                                    : ": " + reason.message()))
                            .toException());
        }
    }
}
