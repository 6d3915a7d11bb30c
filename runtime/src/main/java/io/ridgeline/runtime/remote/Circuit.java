package io.ridgeline.runtime.remote;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/// The circuit breaker between this node and another one, for the requests of one partition.
///
/// Closed, it lets requests through and watches how they end. Open, after too many were not
/// answered, it refuses at once. After its delay it is half open: it lets a few through, and what
/// becomes of them decides. What the other node answers is an answer, whatever it says.
///
/// Any thread; what is called runs on the caller's.
final class Circuit {
    private static final Logger LOG = Logger.getLogger(Circuit.class);

    /// While it is open another node may take the partition over, which ends the refusals, so
    /// nobody is told to stay away for all of the delay.
    private static final long RETRY_AFTER_MILLIS_MAX = 200;

    private final NodeId node;
    private final PartitionId partition;
    private final long delayNanos;
    private final Guard guard;
    private volatile CircuitBreakerState state = CircuitBreakerState.CLOSED;
    private volatile long openedNanos;

    Circuit(NodeId node, PartitionId partition, RemoteSettings settings) {
        this.node = node;
        this.partition = partition;
        delayNanos = settings.circuitDelay().toNanos();
        guard =
                Guards.direct()
                        .withDescription("node " + node + ", partition " + partition)
                        .withCircuitBreaker()
                        .failOn(List.of(NoAnswerException.class, TimeoutException.class))
                        .requestVolumeThreshold(settings.circuitRequests())
                        .failureRatio(settings.circuitFailureRatio())
                        .delay(settings.circuitDelay().toMillis(), ChronoUnit.MILLIS)
                        .successThreshold(settings.circuitProbes())
                        .onStateChange(this::onStateChange)
                        .done()
                        .build();
    }

    /// Lets a request through, or fails with
    /// [org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException].
    ///
    /// @param request is asked for its answer if it may go, before this returns
    @SuppressWarnings("unchecked")
    <T> CompletionStage<T> call(Supplier<CompletionStage<T>> request) {
        return guard.get(request::get, CompletionStage.class);
    }

    CircuitBreakerState state() {
        return state;
    }

    /// {@return when to try again}
    long retryAfterMillis() {
        long left = openedNanos + delayNanos - System.nanoTime();
        long millis = TimeUnit.NANOSECONDS.toMillis(left);
        return Math.clamp(millis, 1, RETRY_AFTER_MILLIS_MAX);
    }

    private void onStateChange(CircuitBreakerState next) {
        if (next == CircuitBreakerState.OPEN) {
            openedNanos = System.nanoTime();
        }
        CircuitBreakerState before = state;
        state = next;
        // One line when it begins and one when it ends, however often a probe fails in between.
        if (next == CircuitBreakerState.OPEN && before == CircuitBreakerState.CLOSED) {
            LOG.warnf(
                    "node %s does not answer requests of partition %s: they are refused here as"
                            + " CIRCUIT_OPEN until it does, or another node coordinates",
                    node, partition);
        } else if (next == CircuitBreakerState.CLOSED) {
            LOG.infof("node %s answers requests of partition %s again", node, partition);
        }
    }
}
