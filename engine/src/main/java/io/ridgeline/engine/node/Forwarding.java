package io.ridgeline.engine.node;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.message.NodeMessage.ExecuteForward;
import io.ridgeline.spi.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests that other nodes were asked to execute, until they answer, are lost, or the deadline
/// passes. Once sent, a lost answer is indeterminate.
public final class Forwarding {
    private final NodeId self;
    private final Map<Long, Sent> byId = new LinkedHashMap<>();
    private long nextId;
    private long earliestDeadline = Long.MAX_VALUE;

    /// A request and where it went.
    public record Sent(ExecuteTransaction request, NodeId to) {}

    /// @param firstId unlike those of an earlier run, whose answers may still be under way
    public Forwarding(NodeId self, long firstId) {
        this.self = self;
        this.nextId = firstId;
    }

    /// {@return how many are under way}
    public int size() {
        return byId.size();
    }

    /// {@return a time before which nothing expires}
    public long earliestDeadline() {
        return earliestDeadline;
    }

    /// Notes that a request goes to a node.
    ///
    /// @return what to send
    public ExecuteForward add(ExecuteTransaction request, NodeId to, long nowNanos) {
        long id = nextId++;
        byId.put(id, new Sent(request, to));
        earliestDeadline = Math.min(earliestDeadline, request.deadlineNanos());
        List<NodeId> tried = new ArrayList<>(request.tried());
        tried.add(self);
        return new ExecuteForward(
                id,
                request.partition(),
                request.hops() + 1,
                tried,
                request.deadlineNanos() - nowNanos,
                request.conditions(),
                request.transaction());
    }

    /// {@return the request that an answer is for; null if it is answered already}
    public @Nullable Sent take(long id) {
        return byId.remove(id);
    }

    /// A node is lost: what became of its requests is not known.
    public void onLost(NodeId node) {
        List<Long> lost = new ArrayList<>();
        for (Map.Entry<Long, Sent> each : byId.entrySet()) {
            if (each.getValue().to().equals(node)) {
                lost.add(each.getKey());
            }
        }
        for (long id : lost) {
            giveUp(byId.remove(id), Cause.CONNECTION_LOST);
        }
    }

    /// Answers what is due.
    public void onTimer(long nowNanos) {
        if (earliestDeadline > nowNanos) {
            return;
        }
        earliestDeadline = Long.MAX_VALUE;
        List<Long> due = new ArrayList<>();
        for (Map.Entry<Long, Sent> each : byId.entrySet()) {
            long deadline = each.getValue().request().deadlineNanos();
            if (deadline <= nowNanos) {
                due.add(each.getKey());
            } else {
                earliestDeadline = Math.min(earliestDeadline, deadline);
            }
        }
        for (long id : due) {
            giveUp(byId.remove(id), Cause.TIMEOUT);
        }
    }

    private static void giveUp(@Nullable Sent sent, Cause cause) {
        if (sent != null) {
            sent.request()
                    .answer(new AppendResult.Indeterminate(sent.request().partition(), cause));
        }
    }
}
