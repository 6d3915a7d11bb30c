package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers of a coordinator that are ready, but may not go out yet: they wait until what they rest
/// on is confirmed, and, if they say something of the present, for a round in this epoch that began
/// after the request came (H2, H10, C13).
final class Waiting {
    private final PartitionReplica replica;
    private final List<Waiter> waiters = new ArrayList<>();

    /// One of `write` and `read` is given.
    ///
    /// @param result the answer to a write
    /// @param restsOn must be at or below the watermark
    /// @param round must have been answered; 0 for none
    private record Waiter(
            @Nullable ExecuteTransaction write,
            @Nullable AppendResult result,
            @Nullable ReadIndexRequest read,
            long restsOn,
            long round,
            long deadlineNanos) {}

    Waiting(PartitionReplica replica) {
        this.replica = replica;
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    boolean isFull() {
        return waiters.size() >= replica.host.settings().limits().waitingMax();
    }

    void add(ExecuteTransaction write, AppendResult result, long restsOn, long round) {
        waiters.add(new Waiter(write, result, null, restsOn, round, write.deadlineNanos()));
        replica.wakeBy(write.deadlineNanos());
    }

    void add(ReadIndexRequest read, long restsOn, long round) {
        waiters.add(new Waiter(null, null, read, restsOn, round, read.deadlineNanos()));
        replica.wakeBy(read.deadlineNanos());
    }

    /// Answers what may go out.
    void release(long watermark, long answeredRound) {
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (waiter.restsOn() <= watermark && waiter.round() <= answeredRound) {
                each.remove();
                answer(waiter);
            }
        }
    }

    private void answer(Waiter waiter) {
        if (waiter.write() != null && waiter.result() != null) {
            waiter.write().answer(waiter.result());
        } else if (waiter.read() != null) {
            waiter.read()
                    .reply()
                    .accept(
                            new ReadIndexResult.Ready(
                                    replica.id,
                                    replica.log.history(),
                                    replica.log.watermark(),
                                    replica.log.confirmedSequence()));
        }
    }

    void onTimer(long nowNanos) {
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (waiter.deadlineNanos() > nowNanos) {
                replica.wakeBy(waiter.deadlineNanos());
                continue;
            }
            each.remove();
            giveUp(waiter, Cause.TIMEOUT);
        }
    }

    /// The reign is over: nothing that waits may be said any more.
    void end(Cause cause) {
        List<Waiter> left = new ArrayList<>(waiters);
        waiters.clear();
        for (Waiter waiter : left) {
            giveUp(waiter, cause);
        }
    }

    private void giveUp(Waiter waiter, Cause cause) {
        ExecuteTransaction write = waiter.write();
        ReadIndexRequest read = waiter.read();
        if (write != null) {
            if (waiter.result() instanceof AppendResult.Appended || cause == Cause.TIMEOUT) {
                // Its first attempt may yet be confirmed.
                write.answer(new AppendResult.Indeterminate(replica.id, cause));
            } else {
                write.answer(
                        new AppendResult.NotCoordinator(
                                replica.id,
                                replica.coordinator(),
                                replica.heardEpoch(),
                                write.tried()));
            }
        } else if (read != null) {
            read.reply()
                    .accept(
                            cause == Cause.TIMEOUT
                                    ? new ReadIndexResult.TimedOut(
                                            replica.id,
                                            replica.log.confirmedSequence(),
                                            replica.coordinator())
                                    : new ReadIndexResult.NotCoordinator(
                                            replica.id,
                                            replica.coordinator(),
                                            replica.heardEpoch()));
        }
    }
}
