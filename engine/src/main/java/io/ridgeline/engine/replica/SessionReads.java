package io.ridgeline.engine.replica;

import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexRequest.Level.Session;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.rule.Rule;
import java.util.ArrayList;
import java.util.List;

/// Reads that wait until this replica has what the caller has seen.
final class SessionReads {
    private final PartitionReplica replica;
    private final List<Waiting> waiting = new ArrayList<>();
    private long leastSequence = Long.MAX_VALUE;

    private record Waiting(ReadIndexRequest request, long sequence) {}

    SessionReads(PartitionReplica replica) {
        this.replica = replica;
    }

    void add(ReadIndexRequest request, Session session) {
        if (session.history() != replica.log.history()
                && replica.rules.holds(Rule.HISTORY_CHECKED)) {
            request.reply()
                    .accept(new ReadIndexResult.OtherHistory(replica.id, replica.log.history()));
        } else if (session.sequence() <= replica.log.confirmedSequence()
                || !replica.rules.holds(Rule.SESSION_WAITS)) {
            answer(request);
        } else if (waiting.size() >= replica.host.settings().limits().waitingMax()) {
            request.reply()
                    .accept(
                            new ReadIndexResult.Overloaded(
                                    replica.id,
                                    "waitingMax",
                                    replica.host.settings().timings().resendNanos()));
        } else {
            waiting.add(new Waiting(request, session.sequence()));
            leastSequence = Math.min(leastSequence, session.sequence());
            replica.wakeBy(request.deadlineNanos());
        }
    }

    private void answer(ReadIndexRequest request) {
        request.reply()
                .accept(
                        new ReadIndexResult.Ready(
                                replica.id,
                                replica.log.history(),
                                replica.log.watermark(),
                                replica.log.confirmedSequence()));
    }

    void onConfirmed() {
        if (leastSequence > replica.log.confirmedSequence()) {
            return;
        }
        leastSequence = Long.MAX_VALUE;
        for (var each = waiting.iterator(); each.hasNext(); ) {
            Waiting read = each.next();
            if (read.sequence() <= replica.log.confirmedSequence()) {
                each.remove();
                answer(read.request());
            } else {
                leastSequence = Math.min(leastSequence, read.sequence());
            }
        }
    }

    void onTimer(long nowNanos) {
        for (var each = waiting.iterator(); each.hasNext(); ) {
            ReadIndexRequest request = each.next().request();
            if (request.deadlineNanos() <= nowNanos) {
                each.remove();
                request.reply()
                        .accept(
                                new ReadIndexResult.TimedOut(
                                        replica.id,
                                        replica.log.confirmedSequence(),
                                        replica.coordinator()));
            } else {
                replica.wakeBy(request.deadlineNanos());
            }
        }
    }

    void onHalted() {
        for (Waiting read : waiting) {
            read.request().reply().accept(new ReadIndexResult.Stopped(replica.id));
        }
        waiting.clear();
        leastSequence = Long.MAX_VALUE;
    }
}
