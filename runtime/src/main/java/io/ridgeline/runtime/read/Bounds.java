package io.ridgeline.runtime.read;

import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexRequest.Level;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Finds out how far a read may and must see.
///
/// Only the coordinator knows what was acknowledged. Elsewhere a linearizable read asks it for its
/// bound, waits until the replica here has got that far, and reads here; so any replica serves it.
/// While the coordinator changes, or is lost with the question, it is asked again until the
/// reader's time is over.
public final class Bounds {
    private static final long AGAIN_MILLIS = 50;

    private final Remote remote;
    private final ScheduledExecutorService timer;

    /// How another node is asked.
    @FunctionalInterface
    public interface Remote {
        /// Asks how far a linearizable read of a partition must see.
        ///
        /// @param deadlineNanos after which nobody waits for the answer
        /// @param reply called at most once, and not after the deadline
        void ask(
                NodeId to,
                PartitionId partition,
                long deadlineNanos,
                Consumer<ReadIndexResult> reply);
    }

    Bounds(Remote remote, ScheduledExecutorService timer) {
        this.remote = remote;
        this.timer = timer;
    }

    /// Asks for a bound.
    ///
    /// @param reply called once, on any thread; a good answer is one of this node's log
    void ask(
            Partition partition, Level level, long deadlineNanos, Consumer<ReadIndexResult> reply) {
        Consumer<ReadIndexResult> next =
                level instanceof Level.Linearizable
                        ? result -> onLocal(partition, deadlineNanos, result, reply)
                        : reply;
        ReadIndexRequest request = new ReadIndexRequest(partition.id(), level, deadlineNanos, next);
        partition.loop().submit((shard, nowNanos) -> shard.onReadIndex(request, nowNanos));
    }

    private void onLocal(
            Partition partition,
            long deadlineNanos,
            ReadIndexResult result,
            Consumer<ReadIndexResult> reply) {
        if (!(result instanceof ReadIndexResult.NotCoordinator not)) {
            reply.accept(result);
            return;
        }
        NodeId coordinator = not.coordinator();
        if (coordinator == null) {
            again(partition, deadlineNanos, result, reply);
            return;
        }
        Once answered = new Once(answer -> onRemote(partition, deadlineNanos, answer, reply));
        remote.ask(coordinator, partition.id(), deadlineNanos, answered);
        // A question or its answer may be lost with nobody noticing.
        long left = deadlineNanos - System.nanoTime();
        ScheduledFuture<?> _ =
                timer.schedule(
                        () -> answered.accept(timedOut(partition)),
                        Math.max(0, left),
                        TimeUnit.NANOSECONDS);
    }

    private static ReadIndexResult timedOut(Partition partition) {
        return new ReadIndexResult.TimedOut(
                partition.id(),
                partition.published().lastSequence(),
                partition.published().coordinator());
    }

    private void onRemote(
            Partition partition,
            long deadlineNanos,
            ReadIndexResult answer,
            Consumer<ReadIndexResult> reply) {
        switch (answer) {
            case ReadIndexResult.Ready ready ->
                    ask(
                            partition,
                            new Level.Session(ready.history(), ready.lastSequence()),
                            deadlineNanos,
                            reply);
            case ReadIndexResult.NotCoordinator not -> again(partition, deadlineNanos, not, reply);
            case ReadIndexResult.QuorumUnavailable _,
                    ReadIndexResult.Overloaded _,
                    ReadIndexResult.TimedOut _,
                    ReadIndexResult.OtherHistory _,
                    ReadIndexResult.UnknownPartition _,
                    ReadIndexResult.Stopped _ ->
                    reply.accept(answer);
        }
    }

    private void again(
            Partition partition,
            long deadlineNanos,
            ReadIndexResult refusal,
            Consumer<ReadIndexResult> reply) {
        if (deadlineNanos - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS)
                || timer.isShutdown()) {
            reply.accept(refusal);
            return;
        }
        ScheduledFuture<?> _ =
                timer.schedule(
                        () -> ask(partition, new Level.Linearizable(), deadlineNanos, reply),
                        AGAIN_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    /// Passes the first of several answers on.
    private static final class Once implements Consumer<ReadIndexResult> {
        private final Consumer<ReadIndexResult> first;
        private boolean passed;

        Once(Consumer<ReadIndexResult> first) {
            this.first = first;
        }

        @Override
        public void accept(ReadIndexResult answer) {
            synchronized (this) {
                if (passed) {
                    return;
                }
                passed = true;
            }
            first.accept(answer);
        }
    }
}
