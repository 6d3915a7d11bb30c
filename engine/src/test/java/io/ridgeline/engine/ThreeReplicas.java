package io.ridgeline.engine;

import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.EpochStart;
import io.ridgeline.engine.membership.Member;
import io.ridgeline.engine.message.FrameWriter;
import io.ridgeline.engine.message.Header;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage.Heartbeat;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/// We are B of three replicas A, B, C; the test speaks for the other two.
///
/// The log: 1@5 the configuration, 2@5 an epoch start, 3@5 and 4@5 writes; confirmed up to 3@5,
/// promised 5 to A.
final class ThreeReplicas {
    static final PartitionId P = new PartitionId(1);
    static final Run A = new Run(new NodeId("a"), 100);
    static final Run B = new Run(new NodeId("b"), 200);
    static final Run C = new Run(new NodeId("c"), 300);
    static final UUID CLUSTER = new UUID(8, 8);
    static final UUID DISK_A = new UUID(0, 0xA);
    static final UUID DISK_C = new UUID(0, 0xC);
    static final long EPOCH = 5;

    final MemoryBucket bucket = new MemoryBucket(2);
    final RecordingPorts ports = new RecordingPorts();
    final List<AppendResult> answers = new ArrayList<>();
    final Shard we;
    final UUID diskB;
    long now = 1_000_000_000L;
    private long heartbeats;

    ThreeReplicas() {
        MemoryLog log = bucket.log(P);
        diskB = log.state().storageId();
        log.saveHardState(new HardState(EPOCH, A, 0));
        log.append(configuration(diskB, EPOCH));
        log.append(epochStart(2, EPOCH, A));
        log.append(write(3, EPOCH, 0));
        log.append(write(4, EPOCH, 1));
        log.confirm(at(3, EPOCH));
        bucket.sync();
        TreeMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
        replicas.put(P, List.of(A.node(), B.node(), C.node()));
        we =
                new Shard(
                        new ShardSettings(
                                B,
                                0,
                                CLUSTER,
                                replicas,
                                n -> new Quorum(n, n / 2 + 1, n / 2 + 1),
                                Limits.DEFAULT,
                                Timings.DEFAULT,
                                Protocol.VERSIONS,
                                Rules.ALL),
                        bucket,
                        ports,
                        new Random(1));
        we.start(now);
        turn();
        ports.takeSent();
    }

    static LogPosition at(long index, long epoch) {
        return new LogPosition(index, epoch);
    }

    static Entry configuration(UUID diskB, long epoch) {
        Configuration three =
                new Configuration(
                        List.of(
                                new Member(A.node(), DISK_A),
                                new Member(B.node(), diskB),
                                new Member(C.node(), DISK_C)),
                        new Quorum(3, 2, 2),
                        1);
        return Entry.of(P, at(1, epoch), EntryKind.CONFIGURATION, three.encode());
    }

    static Entry epochStart(long index, long epoch, Run run) {
        return Entry.of(
                P,
                at(index, epoch),
                EntryKind.EPOCH_START,
                new EpochStart(run, EpochStart.Reason.TAKEOVER).encode());
    }

    /// A write of one event on stream `s`; its version is its sequence.
    static Entry write(long index, long epoch, long sequence) {
        Transaction transaction = OneNode.one(epoch * 1_000 + sequence, "s");
        transaction.assign(sequence, new long[] {sequence});
        return Entry.of(P, at(index, epoch), transaction);
    }

    static Header header(Run sender, long epoch) {
        return new Header(P, 0, epoch, sender.node().equals(A.node()) ? DISK_A : DISK_C);
    }

    Header ours(long epoch) {
        return new Header(P, 0, epoch, diskB);
    }

    void hear(Run sender, Message message) {
        FrameWriter frame = new FrameWriter(CLUSTER, 0, sender.startedAt(), 64);
        frame.add(message);
        we.onMessage(sender.node(), frame.finish(), now);
    }

    void turn() {
        we.endTurn(now);
        while (bucket.isDirty()) {
            bucket.sync();
            we.onSynced(now);
            we.endTurn(now);
        }
    }

    /// What is said about the partition in answer to a message, synced meanwhile.
    List<Message> answers(Run sender, Message message) {
        ports.takeSent();
        hear(sender, message);
        turn();
        return said();
    }

    List<Message> said() {
        return ports.takeSent().stream()
                .map(RecordingPorts.Sent::message)
                .filter(PartitionMessage.class::isInstance)
                .toList();
    }

    Role role() {
        return ports.published(P).role();
    }

    long epoch() {
        return ports.published(P).epoch();
    }

    List<Entry> log() {
        return bucket.log(P).all();
    }

    /// A and C are heard and claim nothing, so that we ask whether we may take over.
    void pollStarts() {
        for (Run run : List.of(A, C)) {
            heartbeats++;
            hear(
                    run,
                    new Heartbeat(
                            heartbeats, B.startedAt(), 0, Protocol.VERSIONS, 0, true, List.of()));
        }
        turn();
        for (int i = 0; i < 40; i++) {
            for (RecordingPorts.Sent sent : ports.takeSent()) {
                if (sent.message() instanceof PollRequest request) {
                    pollNonce = request.nonce();
                    return;
                }
            }
            now += 20_000_000L;
            we.onTimer(now);
            turn();
        }
        throw new AssertionError("no poll in " + ports.events());
    }

    private long pollNonce;

    /// We ask for epoch 6, and have only our own promise.
    void takeOver() {
        pollStarts();
        hear(
                C,
                new PollAnswer(
                        header(C, EPOCH), pollNonce, true, true, true, at(3, EPOCH), at(3, EPOCH)));
        turn();
        if (role() != Role.TAKING_OVER) {
            throw new AssertionError("we are " + role());
        }
        ports.takeSent();
    }

    /// We coordinate epoch 6, which began at 5@6 and is confirmed.
    void coordinate() {
        takeOver();
        hear(C, new TakeoverPromise(header(C, EPOCH + 1), at(3, EPOCH), at(3, EPOCH)));
        turn();
        hear(C, new ReplicateWriteAck(header(C, EPOCH + 1), 5, 5));
        turn();
        if (role() != Role.COORDINATING) {
            throw new AssertionError("we are " + role());
        }
        contact(C);
        ports.takeSent();
    }

    /// A peer has heard us, and says so.
    private void contact(Run run) {
        ports.takeSent();
        now += 100_000_000L;
        we.onTimer(now);
        turn();
        for (RecordingPorts.Sent sent : ports.takeSent()) {
            if (sent.to().equals(run.node()) && sent.message() instanceof Heartbeat beat) {
                heartbeats++;
                hear(
                        run,
                        new Heartbeat(
                                heartbeats,
                                B.startedAt(),
                                beat.sequence(),
                                Protocol.VERSIONS,
                                0,
                                true,
                                List.of()));
            }
        }
        turn();
    }
}
