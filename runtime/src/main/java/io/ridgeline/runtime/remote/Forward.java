package io.ridgeline.runtime.remote;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.runtime.refusal.AppendRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.remote.Target.Kind;
import io.ridgeline.runtime.remote.Target.Outcome;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The way of one append to another node and back. It is sent, awaited and answered by the engine;
/// here it is only let through, and what became of it noted.
public final class Forward {
    private static final long RETRY_AFTER_MILLIS = 50;

    private final Target target;
    private final PartitionId partition;
    private final Circuit circuit;

    /// Whether its end says something of the node: a caller who has less patience than is
    /// configured must not open the circuit for all others.
    private final boolean telling;

    private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();

    Forward(Target target, PartitionId partition, boolean telling) {
        this.target = target;
        this.partition = partition;
        this.telling = telling;
        circuit = target.circuit(partition);
    }

    /// Asks to be let through; if it is, [#end] must be called.
    ///
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @return why it is not; null if it is
    public @Nullable Refusal begin(Function<NodeId, String> addresses) {
        if (!target.enter()) {
            target.ended(Kind.APPEND, Outcome.OVERLOADED);
            return AppendRefusals.overloaded(
                    "ridgeline.fault-tolerance.appends",
                    RETRY_AFTER_MILLIS,
                    Map.of("partition", partition.toString()));
        }
        // The answer cannot be there before it is asked for: what has ended was not let through.
        boolean through =
                telling
                        ? !circuit.call(() -> answer).toCompletableFuture().isDone()
                        : circuit.state() != CircuitBreakerState.OPEN;
        if (through) {
            return null;
        }
        target.leave();
        target.ended(Kind.APPEND, Outcome.CIRCUIT_OPEN);
        return AppendRefusals.circuitOpen(
                partition, target.node(), circuit.retryAfterMillis(), addresses);
    }

    /// The engine has answered it.
    public void end(AppendResult result) {
        target.leave();
        boolean answered = isAnswer(result);
        target.ended(Kind.APPEND, answered ? Outcome.ANSWERED : Outcome.FAILED);
        if (answered) {
            answer.complete(result);
        } else {
            answer.completeExceptionally(new NoAnswerException(target.node()));
        }
    }

    private boolean isAnswer(AppendResult result) {
        if (result instanceof AppendResult.Indeterminate unknown) {
            return unknown.cause() != Cause.TIMEOUT && unknown.cause() != Cause.CONNECTION_LOST;
        }
        // No node says this of itself: it is what the engine says of one that it does not reach.
        return !(result instanceof AppendResult.NotCoordinator not
                && target.node().equals(not.coordinator()));
    }
}
