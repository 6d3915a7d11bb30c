package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Role;
import io.ridgeline.simulation.checker.Operation;
import io.ridgeline.simulation.checker.Operation.Attempt;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The way from clients to nodes and back. Answers may be lost; the checker hears them before that.
public final class Requests {
    private static final long NEAR_NANOS = 200_000;

    private record Open(SimNode node, int generation, long dueNanos, Attempt attempt) {}

    private final Cluster cluster;
    private final Seeded random;
    private final List<Open> open = new ArrayList<>();

    public Requests(Cluster cluster) {
        this.cluster = cluster;
        this.random = cluster.split("requests", 0);
    }

    private long latency() {
        return NEAR_NANOS / 2 + random.between(0, NEAR_NANOS);
    }

    /// Tries an append at a node.
    ///
    /// @param answered called once with the answer, or with null if there is none within the time
    public void append(
            SimNode node,
            Operation operation,
            long timeoutNanos,
            Consumer<@Nullable AppendResult> answered) {
        Once<@Nullable AppendResult> once = new Once<>(answered);
        // The node is given its own deadline; a client waits a little longer.
        cluster.queue().after(timeoutNanos + 300_000_000L, () -> once.accept(null));
        cluster.queue().after(latency(), () -> arrive(node, operation, timeoutNanos, once));
    }

    private void arrive(
            SimNode node,
            Operation operation,
            long timeoutNanos,
            Once<@Nullable AppendResult> once) {
        if (!node.isUp()) {
            once.accept(null);
            return;
        }
        Attempt attempt = cluster.checker().onAttempt(operation, coordinating(node, operation));
        int during = node.generation();
        open.add(new Open(node, during, cluster.queue().now() + timeoutNanos, attempt));
        node.give((shard, now) ->
                shard.onExecute(
                        new ExecuteTransaction(
                                operation.partition(),
                                operation.transaction(),
                                operation.conditions(),
                                now + timeoutNanos,
                                0,
                                List.of(),
                                result -> {
                                    if (node.generation() == during) {
                                        onAnswer(node, operation, attempt, result, once);
                                    }
                                }),
                        now));
    }

    private static long coordinating(SimNode node, Operation operation) {
        @Nullable Published state = node.published(operation.partition());
        return state != null && state.role() == Role.COORDINATING ? state.epoch() : 0;
    }

    private void onAnswer(
            SimNode node,
            Operation operation,
            Attempt attempt,
            AppendResult result,
            Once<@Nullable AppendResult> once) {
        cluster.tell(node, () -> "answers " + operation + ": " + result);
        cluster.trace().mix(operation.number() * 31L + result.getClass().getSimpleName().length());
        cluster.checker().onResult(operation, attempt, result);
        if (result instanceof AppendResult.Appended appended
                && !appended.duplicate()
                && attempt.localEpoch() > 0
                && attempt.localEpoch() == coordinating(node, operation)) {
            cluster.checker().onLocalAnswer(node.run(), attempt, appended);
        }
        cluster.coverage().count("answer." + result.getClass().getSimpleName());
        if (!random.chance(0.02)) {
            cluster.queue().after(latency(), () -> once.accept(result));
        }
    }

    /// Asks a node up to where a read may be served.
    ///
    /// @param answered called on the node with its run, or never if the node is gone
    public void readIndex(
            SimNode node,
            PartitionId partition,
            ReadIndexRequest.Level level,
            long timeoutNanos,
            Consumer<ReadIndexResult> answered) {
        if (!node.isUp()) {
            return;
        }
        Run run = node.run();
        long published = cluster.checker().publishedIndex(partition);
        int during = node.generation();
        Consumer<ReadIndexResult> reply =
                result -> {
                    if (node.generation() != during) {
                        return;
                    }
                    cluster.coverage().count("read." + result.getClass().getSimpleName());
                    cluster.tell(node, () -> "answers a read: " + result);
                    if (result instanceof ReadIndexResult.Ready ready
                            && level instanceof ReadIndexRequest.Level.Linearizable) {
                        cluster.checker()
                                .onLinearizable(
                                        run, partition, published, ready.watermark(), node.store());
                    }
                    answered.accept(result);
                };
        node.give((shard, now) ->
                shard.onReadIndex(
                        new ReadIndexRequest(partition, level, now + timeoutNanos, reply), now));
    }

    /// Requires that every attempt that is due was answered, if its node lived on.
    public void checkAnswered(long patienceNanos) {
        for (Open each : open) {
            if (each.node().generation() == each.generation()
                    && each.attempt().result() == null
                    && each.dueNanos() + patienceNanos < cluster.queue().now()) {
                throw new Violation(
                        "every request is answered",
                        "%s has not answered one that was due at %.3f s"
                                .formatted(each.node().run(), each.dueNanos() / 1e9));
            }
        }
    }

    private static final class Once<T extends @Nullable Object> {
        private final Consumer<T> consumer;
        private boolean done;

        Once(Consumer<T> consumer) {
            this.consumer = consumer;
        }

        void accept(T value) {
            if (!done) {
                done = true;
                consumer.accept(value);
            }
        }
    }
}
