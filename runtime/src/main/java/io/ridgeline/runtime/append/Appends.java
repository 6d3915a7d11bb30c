package io.ridgeline.runtime.append;

import io.grpc.ServerCall;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Role;
import io.ridgeline.runtime.refusal.AppendRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.remote.Forward;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.runtime.wire.AppendLimits;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.ParsedAppend;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Routes appends to the shards of their partitions.
public final class Appends {
    private static final long RETRY_AFTER_MILLIS = 50;

    private final Supplier<@Nullable PartitionTable> partitions;
    private final AppendLimits limits;
    private final Function<NodeId, String> addresses;
    private final Targets targets;
    private final int callAppendsMax;
    private final long callBytesMax;
    private volatile boolean stopping;

    /// @param partitions gives null until the node has its partitions
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @param targets the nodes that appends are sent on to
    /// @param callAppendsMax unanswered appends of one call
    /// @param callBytesMax their bytes
    public Appends(
            Supplier<@Nullable PartitionTable> partitions,
            AppendLimits limits,
            Function<NodeId, String> addresses,
            Targets targets,
            int callAppendsMax,
            long callBytesMax) {
        this.partitions = partitions;
        this.limits = limits;
        this.addresses = addresses;
        this.targets = targets;
        this.callAppendsMax = callAppendsMax;
        this.callBytesMax = callBytesMax;
    }

    /// {@return who executes an `Append` call}
    public ServerCall.Listener<byte[]> append(
            ServerCall<byte[], EncodedMessage> call, long callDeadlineNanos) {
        return new AppendCall(call, this, callDeadlineNanos).begin();
    }

    /// {@return who executes an `AppendStream` call}
    public ServerCall.Listener<byte[]> appendStream(
            ServerCall<byte[], EncodedMessage> call, long callDeadlineNanos) {
        return new AppendStreamCall(call, this, callDeadlineNanos).begin();
    }

    /// {@return what one append may be}
    AppendLimits limits() {
        return limits;
    }

    /// {@return where clients reach a node, host:port; empty if it is not known}
    Function<NodeId, String> addresses() {
        return addresses;
    }

    int callAppendsMax() {
        return callAppendsMax;
    }

    long callBytesMax() {
        return callBytesMax;
    }

    /// Refuses everything from now on; what is in flight goes on.
    public void stop() {
        stopping = true;
    }

    /// Appends with their places in the order of answers, not yet handed over.
    ///
    /// @param places one for each append, in order
    /// @param batches for the shards
    record Prepared(List<PendingAppend> places, Collection<AppendBatch> batches) {

        /// {@return whether some are refused already}
        boolean hasRefusals() {
            return places.stream().anyMatch(PendingAppend::isAnswered);
        }

        /// Hands them over. Their places must be in the call's order by now.
        void submit() {
            if (batches.size() == 1) {
                batches.forEach(batch -> batch.loop().submitOrRun(batch));
            } else {
                batches.forEach(batch -> batch.loop().submit(batch));
            }
        }
    }

    /// Finds the shards of appends and admits them.
    ///
    /// @param deadlineNanos the latest that the call as a whole allows
    /// @param drain called, from shards' threads, when some of them are answered
    Prepared prepare(List<ParsedAppend> appends, long deadlineNanos, Runnable drain) {
        Preparation preparation = new Preparation(deadlineNanos, drain);
        List<PendingAppend> places = new ArrayList<>(appends.size());
        for (ParsedAppend append : appends) {
            places.add(preparation.place(append));
        }
        return new Prepared(places, preparation.batches.values());
    }

    /// Of the appends of one message.
    private final class Preparation {
        private final @Nullable PartitionTable table = partitions.get();
        private final long nowNanos = System.nanoTime();
        private final SortedMap<Integer, AppendBatch> batches = new TreeMap<>();
        private final long deadlineNanos;
        private final Runnable drain;

        Preparation(long deadlineNanos, Runnable drain) {
            this.deadlineNanos = deadlineNanos;
            this.drain = drain;
        }

        PendingAppend place(ParsedAppend append) {
            Transaction transaction = append.transaction();
            Refusal refusal = append.refusal();
            if (refusal != null || transaction == null) {
                return new PendingAppend(append.bytes(), nonNull(refusal));
            }
            if (table == null || stopping) {
                return new PendingAppend(append.bytes(), notReady());
            }
            Partition partition = table.ofKey(transaction.partitionKey());
            if (!partition.loop().admission().enter(append.bytes())) {
                return new PendingAppend(append.bytes(), overloaded(partition));
            }
            long allowed = nowNanos + TimeUnit.MILLISECONDS.toNanos(append.timeoutMillis());
            long deadline = earlier(allowed, deadlineNanos);
            return partition.published().role() == Role.COORDINATING
                    ? here(append, transaction, partition, deadline)
                    : elsewhere(append, transaction, partition, deadline);
        }

        private PendingAppend here(
                ParsedAppend append, Transaction transaction, Partition partition, long deadline) {
            AppendBatch batch = batch(partition.loop());
            PendingAppend place = new PendingAppend(append.bytes(), batch, null, null);
            add(batch, append, transaction, partition, deadline, place);
            return place;
        }

        private PendingAppend elsewhere(
                ParsedAppend append, Transaction transaction, Partition partition, long deadline) {
            NodeId target = partition.target();
            Forward forward =
                    target == null
                            ? null
                            : targets.forward(partition.id(), target, deadline - nowNanos);
            Refusal refused = forward == null ? null : forward.begin(addresses);
            if (refused != null) {
                partition.loop().admission().leave(1, append.bytes());
                return new PendingAppend(append.bytes(), refused);
            }
            AppendBatch batch = batch(partition.loop());
            PendingAppend place = new PendingAppend(append.bytes(), batch, partition, forward);
            long patience = nowNanos + targets.settings().appendTimeout().toNanos();
            add(batch, append, transaction, partition, earlier(deadline, patience), place);
            return place;
        }

        private AppendBatch batch(ShardLoop loop) {
            AppendBatch batch = batches.get(loop.bucket());
            if (batch == null) {
                batch = new AppendBatch(loop, drain, nowNanos);
                batches.put(loop.bucket(), batch);
            }
            return batch;
        }

        private static void add(
                AppendBatch batch,
                ParsedAppend append,
                Transaction transaction,
                Partition partition,
                long deadline,
                PendingAppend place) {
            batch.add(
                    new ExecuteTransaction(
                            partition.id(),
                            transaction,
                            append.conditions(),
                            deadline,
                            0,
                            List.of(),
                            place),
                    append.bytes());
        }

        private static long earlier(long nanos, long otherNanos) {
            return nanos - otherNanos < 0 ? nanos : otherNanos;
        }
    }

    private Refusal notReady() {
        return Refusal.of(
                ErrorCode.NOT_READY, stopping ? "the node is stopping" : "the node is starting");
    }

    private static Refusal nonNull(@Nullable Refusal refusal) {
        if (refusal == null) {
            throw new IllegalStateException("neither a transaction nor a refusal");
        }
        return refusal;
    }

    private static Refusal overloaded(Partition partition) {
        return AppendRefusals.overloaded(
                "ridgeline.limits.queued-appends, ridgeline.limits.queued-bytes",
                RETRY_AFTER_MILLIS,
                Map.of("partition", partition.id().toString()));
    }
}
