package io.ridgeline.runtime.read;

import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexRequest.Level;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.runtime.refusal.AppendRefusals;
import io.ridgeline.runtime.refusal.ReadRefusals;
import io.ridgeline.runtime.remote.Guards;
import io.ridgeline.runtime.remote.NoAnswerException;
import io.ridgeline.runtime.remote.Target;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.smallrye.faulttolerance.api.Guard;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Finds out how far a read may and must see.
///
/// Only the coordinator knows what was acknowledged. Elsewhere a linearizable read asks it for its
/// bound, waits until the replica here has got that far, and reads here; so any replica serves it.
/// While the coordinator changes, or does not answer, whoever coordinates by then is asked again
/// until the reader's time is over: a question changes nothing, so repeating it is safe.
public final class Bounds {
    private static final Logger LOG = Logger.getLogger(Bounds.class);
    private static final int DELAY_FACTOR = 2;
    private static final int DELAYS_MAX = 4;
    private static final long RETRY_AFTER_MILLIS = 50;

    private final Targets targets;
    private final Remote remote;
    private final Function<NodeId, String> addresses;
    private final Guard retries;
    private volatile boolean stopping;

    /// How another node is asked.
    @FunctionalInterface
    public interface Remote {
        /// Asks how far a linearizable read of a partition must see.
        ///
        /// @param deadlineNanos after which nobody waits for the answer
        /// @return the answer, if there is one; fails with [NoAnswerException] if it is known that
        ///   there will be none
        CompletionStage<ReadIndexResult> ask(NodeId to, PartitionId partition, long deadlineNanos);
    }

    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @param timeout for how long a question is repeated at most
    Bounds(Targets targets, Remote remote, Function<NodeId, String> addresses, Duration timeout) {
        this.targets = targets;
        this.remote = remote;
        this.addresses = addresses;
        long delayMillis = targets.settings().retryDelay().toMillis();
        retries =
                Guards.direct()
                        .withDescription("bounds of reads")
                        .withRetry()
                        .whenResult(Optional.empty()::equals)
                        .maxRetries(-1)
                        .maxDuration(timeout.toMillis(), ChronoUnit.MILLIS)
                        .delay(delayMillis, ChronoUnit.MILLIS)
                        .jitter(delayMillis / 2, ChronoUnit.MILLIS)
                        .withExponentialBackoff()
                        .factor(DELAY_FACTOR)
                        .maxDelay(DELAYS_MAX * delayMillis, ChronoUnit.MILLIS)
                        .done()
                        .done()
                        .build();
    }

    /// Repeats no question from now on.
    void stop() {
        stopping = true;
    }

    /// Asks for a bound.
    ///
    /// @param reply called once, on any thread
    void ask(Partition partition, Level level, long deadlineNanos, Consumer<Bound> reply) {
        boolean mayBeElsewhere = level instanceof Level.Linearizable && !stopping;
        askHere(
                partition,
                level,
                deadlineNanos,
                result -> {
                    if (mayBeElsewhere && result instanceof ReadIndexResult.NotCoordinator not) {
                        new Search(partition, deadlineNanos, not).run(reply);
                    } else {
                        reply.accept(bound(result));
                    }
                });
    }

    private static void askHere(
            Partition partition, Level level, long deadlineNanos, Consumer<ReadIndexResult> reply) {
        ReadIndexRequest request =
                new ReadIndexRequest(partition.id(), level, deadlineNanos, reply);
        partition.loop().submit((shard, nowNanos) -> shard.onReadIndex(request, nowNanos));
    }

    private Bound bound(ReadIndexResult result) {
        return result instanceof ReadIndexResult.Ready ready
                ? new Bound.Upto(ready.watermark().index())
                : new Bound.Refused(ReadRefusals.of(result, addresses));
    }

    /// For the bound of one read that another node knows.
    private final class Search {
        private final Partition partition;
        private final long deadlineNanos;
        private ReadIndexResult.@Nullable NotCoordinator known;

        /// Why it has not been found so far.
        private volatile ReadIndexResult reason;

        /// @param known what the shard here said
        Search(Partition partition, long deadlineNanos, ReadIndexResult.NotCoordinator known) {
            this.partition = partition;
            this.deadlineNanos = deadlineNanos;
            this.known = known;
            this.reason = known;
        }

        @SuppressWarnings("unchecked")
        void run(Consumer<Bound> reply) {
            CompletionStage<Optional<Bound>> search =
                    retries.get(this::attempt, CompletionStage.class);
            CompletableFuture<Optional<Bound>> _ =
                    search.toCompletableFuture()
                            .orTimeout(left(), TimeUnit.NANOSECONDS)
                            .whenComplete((found, failure) -> {
                                if (failure != null
                                        && !(failure instanceof TimeoutException)
                                        && !(failure instanceof FaultToleranceException)) {
                                    LOG.error("a read's bound was not found", failure);
                                }
                                reply.accept(
                                        found != null && found.isPresent()
                                                ? found.get()
                                                : bound(reason));
                            });
        }

        private long left() {
            return Math.max(0, deadlineNanos - System.nanoTime());
        }

        /// Empty if it is worth another one. One at a time.
        private CompletionStage<Optional<Bound>> attempt() {
            if (stopping || left() == 0) {
                return found(bound(reason));
            }
            ReadIndexResult.NotCoordinator not = known;
            if (not != null) {
                known = null;
                return onHere(not);
            }
            CompletableFuture<ReadIndexResult> here = new CompletableFuture<>();
            askHere(partition, new Level.Linearizable(), deadlineNanos, here::complete);
            return here.thenCompose(this::onHere);
        }

        private CompletionStage<Optional<Bound>> onHere(ReadIndexResult result) {
            if (!(result instanceof ReadIndexResult.NotCoordinator not)) {
                return found(bound(result));
            }
            NodeId coordinator = not.coordinator();
            if (coordinator == null) {
                return again(not);
            }
            Target target = targets.of(coordinator);
            long patience = System.nanoTime() + targets.settings().boundTimeout().toNanos();
            long questionNanos = patience - deadlineNanos < 0 ? patience : deadlineNanos;
            return target.ask(
                            partition.id(),
                            () -> remote.ask(coordinator, partition.id(), questionNanos))
                    .handle((answer, failure) ->
                            failure == null ? onAnswer(answer) : onFailure(coordinator, failure))
                    .thenCompose(Function.identity());
        }

        private CompletionStage<Optional<Bound>> onAnswer(ReadIndexResult answer) {
            return switch (answer) {
                case ReadIndexResult.Ready ready -> {
                    CompletableFuture<Optional<Bound>> seen = new CompletableFuture<>();
                    askHere(
                            partition,
                            new Level.Session(ready.history(), ready.lastSequence()),
                            deadlineNanos,
                            result -> seen.complete(Optional.of(bound(result))));
                    yield seen;
                }
                case ReadIndexResult.NotCoordinator not -> again(not);
                case ReadIndexResult.QuorumUnavailable _,
                        ReadIndexResult.Overloaded _,
                        ReadIndexResult.TimedOut _,
                        ReadIndexResult.OtherHistory _,
                        ReadIndexResult.UnknownPartition _,
                        ReadIndexResult.Stopped _ ->
                        found(bound(answer));
            };
        }

        private CompletionStage<Optional<Bound>> onFailure(NodeId coordinator, Throwable failure) {
            return switch (failure) {
                case CircuitBreakerOpenException _ ->
                        found(
                                new Bound.Refused(
                                        AppendRefusals.circuitOpen(
                                                partition.id(),
                                                coordinator,
                                                targets.of(coordinator)
                                                        .retryAfterMillis(partition.id()),
                                                addresses)));
                case BulkheadException _ ->
                        found(
                                new Bound.Refused(
                                        AppendRefusals.overloaded(
                                                "ridgeline.fault-tolerance.bounds",
                                                RETRY_AFTER_MILLIS,
                                                Map.of("partition", partition.id().toString()))));
                case NoAnswerException _,
                        org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException _ ->
                        again(
                                new ReadIndexResult.TimedOut(
                                        partition.id(),
                                        partition.published().lastSequence(),
                                        partition.published().coordinator()));
                default -> CompletableFuture.failedStage(failure);
            };
        }

        private CompletionStage<Optional<Bound>> again(ReadIndexResult why) {
            reason = why;
            return CompletableFuture.completedStage(Optional.empty());
        }

        private static CompletionStage<Optional<Bound>> found(Bound bound) {
            return CompletableFuture.completedStage(Optional.of(bound));
        }
    }
}
