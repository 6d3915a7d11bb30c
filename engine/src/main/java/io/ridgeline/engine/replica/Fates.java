package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.rule.Rule;
import java.util.ArrayList;
import java.util.List;

/// Writes that a reign of this node ordered and did not see confirmed. Once the watermark passes
/// their index their fate is known: the same entry, done; another, discarded. Until then they are
/// indeterminate, never refused (H1).
final class Fates {
    private final PartitionReplica replica;
    private final List<Ordered> ordered = new ArrayList<>();

    private record Ordered(ExecuteTransaction request, long index, long epoch) {}

    Fates(PartitionReplica replica) {
        this.replica = replica;
    }

    boolean isEmpty() {
        return ordered.isEmpty();
    }

    /// Takes over what a reign leaves behind.
    void addAll(WriteQueue queue, long epoch) {
        while (queue.size() > 0) {
            long index = queue.firstIndex();
            ExecuteTransaction request = queue.take();
            if (request != null) {
                ordered.add(new Ordered(request, index, epoch));
                replica.wakeBy(request.deadlineNanos());
            }
        }
        if (!replica.rules.holds(Rule.DISCARD_NEEDS_CONFIRMATION)) {
            settle(Long.MAX_VALUE);
        } else {
            onConfirmed();
        }
    }

    void onConfirmed() {
        if (!ordered.isEmpty()) {
            settle(replica.log.watermark().index());
        }
    }

    private void settle(long bound) {
        for (var each = ordered.iterator(); each.hasNext(); ) {
            Ordered write = each.next();
            if (write.index() > bound) {
                continue;
            }
            each.remove();
            boolean confirmed =
                    write.index() <= replica.log.watermark().index()
                            && replica.log.epochAt(write.index()) == write.epoch();
            replica.host.record(new EngineEvent.FateLearned(replica.id, write.index(), confirmed));
            write.request()
                    .answer(
                            confirmed
                                    ? Answers.appended(replica, write.request())
                                    : new AppendResult.Discarded(replica.id));
        }
    }

    void onTimer(long nowNanos) {
        if (ordered.isEmpty()) {
            return;
        }
        for (var each = ordered.iterator(); each.hasNext(); ) {
            ExecuteTransaction request = each.next().request();
            if (request.deadlineNanos() <= nowNanos) {
                each.remove();
                request.answer(new AppendResult.Indeterminate(replica.id, Cause.TIMEOUT));
            } else {
                replica.wakeBy(request.deadlineNanos());
            }
        }
    }

    void onHalted(Cause cause) {
        List<Ordered> left = new ArrayList<>(ordered);
        ordered.clear();
        for (Ordered write : left) {
            write.request().answer(new AppendResult.Indeterminate(replica.id, cause));
        }
    }
}
