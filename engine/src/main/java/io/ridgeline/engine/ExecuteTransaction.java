package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A client's append that reached this node.
///
/// The reply is called exactly once, on the shard's thread, never after the deadline by more than
/// the timer's grain, in log order among the confirmed writes of a partition. It must not call the
/// shard.
public final class ExecuteTransaction {
    private final PartitionId partition;
    private final Transaction transaction;
    private final List<AppendCondition> conditions;
    private final long deadlineNanos;
    private final int hops;
    private final List<NodeId> tried;
    private final Consumer<AppendResult> reply;

    /// @param transaction made by [Transaction#of] on the caller's thread; the engine assigns its
    ///   sequences and versions, so that it must not be used for another request
    /// @param conditions on streams of the partition; usually one per stream
    /// @param deadlineNanos on the clock that the shard is handed
    /// @param hops how many nodes have forwarded it
    /// @param tried the nodes that it has been at, this one not included
    public ExecuteTransaction(
            PartitionId partition,
            Transaction transaction,
            List<AppendCondition> conditions,
            long deadlineNanos,
            int hops,
            List<NodeId> tried,
            Consumer<AppendResult> reply) {
        this.partition = partition;
        this.transaction = transaction;
        this.conditions = conditions;
        this.deadlineNanos = deadlineNanos;
        this.hops = hops;
        this.tried = tried;
        this.reply = reply;
    }

    /// {@return the partition}
    public PartitionId partition() {
        return partition;
    }

    /// {@return the events}
    public Transaction transaction() {
        return transaction;
    }

    /// {@return what must hold}
    public List<AppendCondition> conditions() {
        return conditions;
    }

    /// {@return when the answer is due}
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /// {@return how many nodes have forwarded it}
    public int hops() {
        return hops;
    }

    /// {@return the nodes that it has been at}
    public List<NodeId> tried() {
        return tried;
    }

    /// Answers it.
    public void answer(AppendResult result) {
        reply.accept(result);
    }

    /// {@return the same request after one more hop}
    public ExecuteTransaction hopped(NodeId node, Consumer<AppendResult> nextReply) {
        return new ExecuteTransaction(
                partition,
                transaction,
                conditions,
                deadlineNanos,
                hops + 1,
                with(tried, node),
                nextReply);
    }

    private static List<NodeId> with(List<NodeId> nodes, NodeId node) {
        List<NodeId> all = new ArrayList<>(nodes);
        all.add(node);
        return List.copyOf(all);
    }
}
