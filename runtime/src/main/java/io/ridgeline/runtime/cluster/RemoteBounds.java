package io.ridgeline.runtime.cluster;

import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.runtime.remote.NoAnswerException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the coordinator of a partition, on behalf of a reader here, how far a linearizable read
/// must see; and answers such questions. The events themselves are read here. Any thread.
///
/// Layout, version 1, big-endian. Question: u8 `0x53`, u8 version, u64 id, u32 partition, varint
/// nanoseconds left. Answer: u8 `0x54`, u8 version, u64 id, u8 kind; ready: varint history, varint
/// last sequence + 1; not the coordinator: string node, empty if not known; no quorum: varint
/// needed, varint reachable; not now: nothing. What follows is kept for later and skipped.
public final class RemoteBounds {
    private static final int QUESTION = 0x53;
    private static final int ANSWER = 0x54;
    private static final int VERSION = 1;
    private static final int READY = 0;
    private static final int NOT_COORDINATOR = 1;
    private static final int NO_QUORUM = 2;
    private static final int NOT_NOW = 3;
    private static final int PENDING_MAX = 8_192;
    private static final long LEFT_NANOS_MAX = TimeUnit.HOURS.toNanos(1);

    private final BiPredicate<NodeId, ByteBuffer> sender;
    private final Consumer<ReadIndexRequest> local;
    private final Map<Long, Question> pending = new HashMap<>();
    private long nextId = System.nanoTime();

    private record Question(
            NodeId to,
            PartitionId partition,
            long deadlineNanos,
            CompletableFuture<ReadIndexResult> answer) {}

    /// @param sender sends to a peer; false if it is not connected
    /// @param local hands a request to the shard of its partition here
    public RemoteBounds(BiPredicate<NodeId, ByteBuffer> sender, Consumer<ReadIndexRequest> local) {
        this.sender = sender;
        this.local = local;
    }

    /// {@return whether a message is a question or an answer}
    public static boolean isOne(ByteBuffer message) {
        int first = message.hasRemaining() ? message.get(message.position()) & 0xFF : 0;
        return first == QUESTION || first == ANSWER;
    }

    /// Asks a node.
    ///
    /// @return the node's answer; fails with [NoAnswerException] if it is lost or not connected,
    ///   and may never come after the deadline
    public CompletionStage<ReadIndexResult> ask(
            NodeId to, PartitionId partition, long deadlineNanos) {
        CompletableFuture<ReadIndexResult> answer = new CompletableFuture<>();
        long now = System.nanoTime();
        long id;
        synchronized (this) {
            if (pending.size() >= PENDING_MAX) {
                pending.values().removeIf(each -> each.deadlineNanos - now <= 0);
            }
            if (pending.size() >= PENDING_MAX) {
                id = -1;
            } else {
                id = nextId++ & Long.MAX_VALUE;
                pending.put(id, new Question(to, partition, deadlineNanos, answer));
            }
        }
        if (id < 0) {
            answer.complete(
                    new ReadIndexResult.Overloaded(partition, "forwarded reads", 1_000_000));
            return answer;
        }
        BytesWriter out = new BytesWriter(32);
        out.u8(QUESTION);
        out.u8(VERSION);
        out.u64(id);
        out.u32(partition.value());
        out.varint(Math.max(0, deadlineNanos - now));
        if (!sender.test(to, out.finish())) {
            synchronized (this) {
                pending.remove(id);
            }
            answer.completeExceptionally(new NoAnswerException(to));
        }
        return answer;
    }

    /// A question or an answer of a peer.
    ///
    /// @throws MalformedMessageException if it is neither
    public void onMessage(NodeId from, ByteBuffer message) {
        BytesReader in = new BytesReader(message.slice());
        int kind = in.u8();
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedMessageException(
                    "bound of version " + version + ", known is " + VERSION);
        }
        long id = in.u64();
        if (kind == QUESTION) {
            onQuestion(from, id, new PartitionId(in.u32()), Math.min(in.size(), LEFT_NANOS_MAX));
            return;
        }
        Question question;
        synchronized (this) {
            question = pending.get(id);
            if (question == null || !question.to.equals(from)) {
                return;
            }
            pending.remove(id);
        }
        question.answer.complete(decode(question.partition, in));
    }

    private void onQuestion(NodeId from, long id, PartitionId partition, long leftNanos) {
        local.accept(
                new ReadIndexRequest(
                        partition,
                        new ReadIndexRequest.Level.Linearizable(),
                        System.nanoTime() + leftNanos,
                        result -> reply(from, id, result)));
    }

    private void reply(NodeId to, long id, ReadIndexResult result) {
        // A lost answer is noticed by the one who waits for it.
        boolean _ = sender.test(to, encode(id, result));
    }

    static ByteBuffer encode(long id, ReadIndexResult result) {
        BytesWriter out = new BytesWriter(32);
        out.u8(ANSWER);
        out.u8(VERSION);
        out.u64(id);
        switch (result) {
            case ReadIndexResult.Ready ready -> {
                out.u8(READY);
                out.varint(ready.history());
                out.varint(ready.lastSequence() + 1);
            }
            case ReadIndexResult.NotCoordinator not -> {
                NodeId coordinator = not.coordinator();
                out.u8(NOT_COORDINATOR);
                out.string(coordinator == null ? "" : coordinator.name());
            }
            case ReadIndexResult.QuorumUnavailable none -> {
                out.u8(NO_QUORUM);
                out.varint(none.needed());
                out.varint(none.reachable());
            }
            case ReadIndexResult.Overloaded _,
                    ReadIndexResult.TimedOut _,
                    ReadIndexResult.OtherHistory _,
                    ReadIndexResult.UnknownPartition _,
                    ReadIndexResult.Stopped _ ->
                    out.u8(NOT_NOW);
        }
        return out.finish();
    }

    private static ReadIndexResult decode(PartitionId partition, BytesReader in) {
        int kind = in.u8();
        return switch (kind) {
            case READY ->
                    // The entry's place in that node's log is of no use here.
                    new ReadIndexResult.Ready(
                            partition, in.small(), LogPosition.NONE, in.size() - 1);
            case NOT_COORDINATOR ->
                    new ReadIndexResult.NotCoordinator(partition, nodeOrNull(in.string()), 0);
            case NO_QUORUM ->
                    new ReadIndexResult.QuorumUnavailable(partition, in.small(), in.small());
            default -> new ReadIndexResult.NotCoordinator(partition, null, 0);
        };
    }

    private static @Nullable NodeId nodeOrNull(String name) {
        return name.isEmpty() ? null : Founding.node(name);
    }

    /// A peer is lost, and with it its answers.
    public void onDisconnected(NodeId peer) {
        List<Question> lost = new ArrayList<>();
        synchronized (this) {
            pending.values().removeIf(each -> each.to.equals(peer) && lost.add(each));
        }
        lost.forEach(each -> each.answer.completeExceptionally(new NoAnswerException(peer)));
    }
}
