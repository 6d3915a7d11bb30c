package io.ridgeline.engine;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/// A cluster of one: a shard with a bucket in memory, driven by hand.
final class OneNode {
    static final PartitionId P = new PartitionId(7);
    static final NodeId A = new NodeId("a");
    static final long SECOND = 1_000_000_000L;

    final MemoryBucket bucket;
    final RecordingPorts ports = new RecordingPorts();
    final List<AppendResult> answers = new ArrayList<>();
    final Shard shard;
    long now = SECOND;

    OneNode(MemoryBucket bucket, long startedAt, Limits limits) {
        this.bucket = bucket;
        TreeMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
        replicas.put(P, List.of(A));
        ShardSettings settings =
                new ShardSettings(
                        new Run(A, startedAt),
                        0,
                        new UUID(1, 1),
                        replicas,
                        n -> new Quorum(n, n / 2 + 1, n / 2 + 1),
                        limits,
                        Timings.DEFAULT,
                        Protocol.VERSIONS,
                        Rules.ALL);
        shard = new Shard(settings, bucket, ports, new Random(1));
        shard.start(now);
    }

    static OneNode started() {
        OneNode node = new OneNode(new MemoryBucket(1), 1_000, Limits.DEFAULT);
        node.settle();
        return node;
    }

    static OneNode started(Limits limits) {
        OneNode node = new OneNode(new MemoryBucket(1), 1_000, limits);
        node.settle();
        return node;
    }

    OneNode restarted() {
        bucket.powerCut();
        OneNode node = new OneNode(bucket, 2_000, Limits.DEFAULT);
        node.settle();
        return node;
    }

    void turn() {
        shard.endTurn(now);
        if (bucket.isDirty()) {
            try {
                bucket.sync();
            } catch (StorageException e) {
                shard.onStorageFailed(e, now);
                return;
            }
            shard.onSynced(now);
            shard.endTurn(now);
        }
    }

    void settle() {
        do {
            turn();
            if (shard.nextTimerNanos() <= now) {
                shard.onTimer(now);
            }
        } while (bucket.isDirty());
    }

    void pass(long nanos) {
        now += nanos;
        shard.onTimer(now);
        turn();
    }

    void append(Transaction transaction, AppendCondition... conditions) {
        shard.onExecute(
                new ExecuteTransaction(
                        P,
                        transaction,
                        List.of(conditions),
                        now + 5 * SECOND,
                        0,
                        List.of(),
                        answers::add),
                now);
    }

    AppendResult appended(Transaction transaction, AppendCondition... conditions) {
        append(transaction, conditions);
        turn();
        return answers.removeLast();
    }

    static NewEvent event(long id, String stream, String data) {
        return new NewEvent(
                new UUID(0, id),
                stream,
                "happened",
                "",
                1_000,
                0,
                List.of(),
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
    }

    static Transaction transaction(NewEvent... events) {
        return Transaction.of("key", List.of(events));
    }

    static Transaction one(long id, String stream) {
        return transaction(event(id, stream, "x" + id));
    }
}
