package io.ridgeline.runtime.remote;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jspecify.annotations.Nullable;

/// Another node, as far as requests of this one go there: a circuit for each partition, and bounds
/// on how many requests it may hold here. Any thread.
public final class Target {
    private final NodeId node;
    private final RemoteSettings settings;
    private final Map<PartitionId, Circuit> circuits = new ConcurrentHashMap<>();
    private final Map<Ended, LongAdder> counts = new ConcurrentHashMap<>();

    /// Not the library's bulkhead, which lets at least one request wait: an append that waited
    /// would be overtaken by the next one of its call.
    private final Semaphore appends;

    private final Guard bounds;
    private final Guard timeout;

    /// Kinds of requests.
    public enum Kind {
        /// An append that is sent on.
        APPEND,
        /// The question how far a read must see.
        BOUND
    }

    /// What became of a request.
    public enum Outcome {
        /// The node said something, if only that it refuses.
        ANSWERED,
        /// It did not, in time, or is not connected.
        FAILED,
        /// It was not asked, since it had not answered others.
        CIRCUIT_OPEN,
        /// It was not asked, since it has too much to answer already.
        OVERLOADED
    }

    private record Ended(Kind kind, Outcome outcome) {}

    Target(NodeId node, RemoteSettings settings) {
        this.node = node;
        this.settings = settings;
        appends = new Semaphore(settings.appendsMax());
        bounds =
                Guards.direct()
                        .withDescription("bounds at node " + node)
                        .withBulkhead()
                        .limit(settings.boundsMax())
                        .queueSize(settings.boundsMax())
                        .done()
                        .build();
        timeout =
                Guards.direct()
                        .withDescription("bound at node " + node)
                        .withTimeout()
                        .duration(settings.boundTimeout().toMillis(), ChronoUnit.MILLIS)
                        .done()
                        .build();
    }

    /// {@return its name}
    public NodeId node() {
        return node;
    }

    /// {@return how many requests of a kind ended so}
    public long count(Kind kind, Outcome outcome) {
        return counter(kind, outcome).sum();
    }

    /// {@return how many appends it has been sent and has not answered}
    public int pendingAppends() {
        return settings.appendsMax() - appends.availablePermits();
    }

    /// {@return how many circuits to it are in a state}
    public long circuits(CircuitBreakerState state) {
        return circuits.values().stream().filter(each -> each.state() == state).count();
    }

    Circuit circuit(PartitionId partition) {
        Circuit known = circuits.get(partition);
        return known != null
                ? known
                : circuits.computeIfAbsent(partition, id -> new Circuit(node, id, settings));
    }

    /// {@return when to try again what a circuit refused}
    public long retryAfterMillis(PartitionId partition) {
        return circuit(partition).retryAfterMillis();
    }

    boolean enter() {
        return appends.tryAcquire();
    }

    void leave() {
        appends.release();
    }

    /// Asks for the bound of a read; fails with [NoAnswerException], [TimeoutException],
    /// [CircuitBreakerOpenException] or [BulkheadException].
    @SuppressWarnings("unchecked")
    public <T> CompletionStage<T> ask(
            PartitionId partition, Supplier<CompletionStage<T>> question) {
        Circuit circuit = circuit(partition);
        CompletionStage<T> answer =
                bounds.get(
                        () ->
                                circuit.call(() ->
                                        (CompletionStage<T>)
                                                timeout.get(question::get, CompletionStage.class)),
                        CompletionStage.class);
        CompletionStage<T> _ =
                answer.whenComplete((_, failure) -> ended(Kind.BOUND, outcome(failure)));
        return answer;
    }

    private static Outcome outcome(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> Outcome.ANSWERED;
            case CircuitBreakerOpenException _ -> Outcome.CIRCUIT_OPEN;
            case BulkheadException _ -> Outcome.OVERLOADED;
            default -> Outcome.FAILED;
        };
    }

    void ended(Kind kind, Outcome outcome) {
        counter(kind, outcome).increment();
    }

    private LongAdder counter(Kind kind, Outcome outcome) {
        return counts.computeIfAbsent(new Ended(kind, outcome), _ -> new LongAdder());
    }
}
