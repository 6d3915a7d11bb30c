package io.ridgeline.simulation.scenario;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.message.Header;
import io.ridgeline.engine.message.NodeMessage;
import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.plan.Syncs;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.function.Consumer;

/// Schedules of messages: lost, late, of old runs, forged.
final class MessageScenarios {
    private static final StreamKey STREAM = new StreamKey("s", "s");

    private MessageScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario(
                        "C4: a page that shows less than the tail",
                        List.of("ACK_MATCHED_ONLY", "MATCHED_PER_EPOCH"),
                        new Scenario.Setup(5, 0, Syncs.BLOCKING, true),
                        MessageScenarios::shortPage),
                scenario(
                        "C4: an acknowledgement of an earlier epoch",
                        "ACK_EPOCH_CHECKED",
                        new Scenario.Setup(5),
                        MessageScenarios::oldAck),
                scenario(
                        "C7: a sync that ends after a truncation",
                        "DURABLE_NAMES_EPOCH",
                        new Scenario.Setup(5, 0, Syncs.OVERLAPPING_BY_NAME),
                        MessageScenarios::lateSync),
                scenario(
                        "C7: a sync that ends after a truncation, at a storage that knows what was cut",
                        "DISK_DURABLE_FOLLOWS_TRUNCATION",
                        new Scenario.Setup(5, 0, Syncs.OVERLAPPING),
                        MessageScenarios::lateSync),
                scenario(
                        "C9: a promise before the readmission is confirmed",
                        "PROMISE_AFTER_READMISSION",
                        new Scenario.Setup(3),
                        MessageScenarios::earlyPromise),
                scenario(
                        "C16: a message of another history",
                        "HISTORY_CHECKED",
                        new Scenario.Setup(3),
                        MessageScenarios::otherHistory),
                scenario(
                        "H2: a conflict of a coordinator that is deposed",
                        "CONFLICT_NEEDS_ROUND",
                        new Scenario.Setup(3),
                        MessageScenarios::staleConflict),
                scenario(
                        "H6: the next epoch is above all that was heard",
                        "EPOCH_ABOVE_HEARD",
                        new Scenario.Setup(3),
                        MessageScenarios::farBehind),
                scenario(
                        "H7: the last acknowledgement of a burst is lost",
                        "RESEND",
                        new Scenario.Setup(3),
                        MessageScenarios::lastAckLost),
                scenario(
                        "H8: messages of a dead run",
                        "STALE_RUN_REFUSED",
                        new Scenario.Setup(3),
                        MessageScenarios::deadRun),
                scenario(
                        "H8: two runs in one epoch",
                        "ONE_RUN_PER_EPOCH",
                        new Scenario.Setup(3),
                        MessageScenarios::secondCoordinator),
                scenario(
                        "H9: a watermark is heard before its entry is synced",
                        "WATERMARK_WITHIN_DURABLE",
                        new Scenario.Setup(3, 0, Syncs.OVERLAPPING_BY_NAME),
                        MessageScenarios::earlyWatermark),
                scenario(
                        "H10: a read at a coordinator that is deposed",
                        "ROUND_AFTER_READ",
                        new Scenario.Setup(3),
                        MessageScenarios::staleRead),
                scenario(
                        "H10: a read before the epoch start is confirmed",
                        "READ_AFTER_EPOCH_START",
                        new Scenario.Setup(5),
                        MessageScenarios::earlyRead),
                scenario(
                        "H15: a buffered write of an earlier epoch",
                        "BUFFER_ENDS_WITH_EPOCH",
                        new Scenario.Setup(3),
                        MessageScenarios::oldBuffer));
    }

    private static Scenario scenario(
            String name, String rule, Scenario.Setup setup, Consumer<Director> script) {
        return new Scenario(name, rule.isEmpty() ? List.of() : List.of(rule), setup, script);
    }

    /// What all have beyond the watermark fills more than a page. A and C have more of epoch 1 than
    /// B, and B a tail of epoch 2 that nobody else has. The first page that B gets in epoch 3 ends
    /// before the logs part.
    private static void shortPage(Director director) {
        SimNode[] n = five(director, 1);
        SimNode a = n[0];
        SimNode b = n[1];
        SimNode c = n[2];
        SimNode d = n[3];
        SimNode e = n[4];
        director.hold(null, a, ReplicateWriteAck.class, Director.FOREVER);
        appendAll(director, a, 8);
        for (SimNode node : List.of(b, d, e)) {
            director.cutBoth(a, node);
        }
        appendAll(director, a, 2);
        director.cutBoth(c, d);
        director.hold(d, e, ReplicateWrite.class, Director.FOREVER);
        director.hold(d, e, PartitionSyncResponse.class, Director.FOREVER);
        director.force(d);
        director.until("second reign", 10, () -> director.coordinates(d));
        appendAll(director, d, 4);
        director.crash(d);
        director.endHolds();
        director.heal();
        director.isolate(b);
        director.until("third reign", 30, () -> director.epoch(director.theCoordinator()) == 3);
        for (int i = 0; i < 14; i++) {
            director.appendDone(director.theCoordinator());
        }
        director.heal();
        director.run(6);
    }

    private static void appendAll(Director director, SimNode node, int count) {
        for (int i = 0; i < count; i++) {
            director.append(node, director.operation("x"));
        }
        director.run(0.1);
    }

    /// Makes a node coordinate that does not know how high the epochs of others are.
    private static void insist(Director director, SimNode node) {
        for (int i = 0; i < 5 && !director.coordinates(node); i++) {
            director.force(node);
            director.within(0.5, () -> director.coordinates(node));
        }
        director.until("reign of " + node.id(), 1, () -> director.coordinates(node));
    }

    /// B acknowledges the tail of epoch 1, which then is dropped; A hears it as the coordinator of
    /// epoch 3, whose entries at those indexes only A and D have.
    private static void oldAck(Director director) {
        SimNode[] n = five(director, 1);
        SimNode a = n[0];
        SimNode b = n[1];
        SimNode c = n[2];
        pairApart(director, n);
        director.hold(b, a, ReplicateWriteAck.class, 3_000_000_000L);
        appendAll(director, a, 6);
        director.force(c);
        director.until("second reign", 10, () -> director.coordinates(c));
        director.heal();
        director.isolate(b);
        director.until("deposition", 10, () -> !director.coordinates(a));
        director.run(0.3);
        director.endHolds();
        director.hold(a, c, ReplicateWrite.class, Director.FOREVER);
        director.hold(a, n[4], ReplicateWrite.class, Director.FOREVER);
        director.hold(a, c, PartitionSyncResponse.class, Director.FOREVER);
        director.hold(a, n[4], PartitionSyncResponse.class, Director.FOREVER);
        insist(director, a);
        appendAll(director, a, 2);
        director.run(3);
        director.endHolds();
    }

    private static SimNode[] five(Director director, int appends) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        SimNode d = director.otherThan(a, b, c);
        SimNode e = director.otherThan(a, b, c, d);
        for (int i = 0; i < appends; i++) {
            director.appendDone(a);
        }
        director.run(0.5);
        return new SimNode[] {a, b, c, d, e};
    }

    private static void pairApart(Director director, SimNode[] n) {
        for (int left = 0; left < 2; left++) {
            for (int right = 2; right < 5; right++) {
                director.cutBoth(n[left], n[right]);
            }
        }
    }

    /// B promises epoch 2 while a sync runs; the next sync covers the promise and the tail of epoch
    /// 1, and while it runs, entries of epoch 2 replace that tail.
    private static void lateSync(Director director) {
        SimNode[] n = five(director, 1);
        SimNode a = n[0];
        SimNode b = n[1];
        SimNode c = n[2];
        pairApart(director, n);
        long now = director.cluster().queue().now();
        b.stallUntil(now + 1_000_000_000L);
        appendAll(director, a, 1);
        b.stallUntil(now + 3_000_000_000L);
        appendAll(director, a, 2);
        director.crash(a);
        director.mend(b, c);
        director.hold(c, b, ReplicateWrite.class, 1_300_000_000L);
        director.force(c);
        director.until("second reign", 10, () -> director.coordinates(c));
        director.appendDone(c);
        director.appendDone(c);
        director.endHolds();
        director.run(6);
        director.heal();
    }

    private static void earlyPromise(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        director.hold(a, c, ReplicateWrite.class, Director.FOREVER);
        long before = director.status(a).last().index();
        director.wipe(b);
        director.start(b);
        director.until("readmission entry", 10, () -> director.status(a).last().index() > before);
        director.run(0.1);
        director.force(c);
        director.run(2);
        director.endHolds();
        director.run(2);
    }

    private static void otherHistory(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        director.forge(
                a,
                b,
                new ConfirmTransaction(
                        new Header(
                                new PartitionId(0),
                                1,
                                director.epoch(a),
                                director.status(a).storageId()),
                        LogPosition.NONE));
        director.run(0.2);
        Director.require(
                director.status(b).role() == Role.STOPPED,
                "a higher history fences",
                "the replica goes on after a message of history 1");
        director.crash(b);
        director.start(b);
    }

    /// The round of a read that A began before it was deposed ends when a conflict waits that came
    /// after it.
    private static void staleConflict(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        director.run(0.5);
        director.hold(null, a, RoundAnswer.class, 1_500_000_000L);
        director.read(a);
        director.run(0.05);
        director.endHolds();
        director.isolate(a);
        director.force(b);
        director.until("second reign", 10, () -> director.coordinates(b));
        director.appendDone(b);
        director.append(
                a,
                director.operation(
                        "s", new StreamCondition(STREAM, new Expectation.ExactVersion(1))));
        director.run(3);
    }

    /// B learns that entries are confirmed while their sync is running; then its power fails.
    private static void earlyWatermark(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        director.run(0.5);
        b.stallUntil(director.cluster().queue().now() + 20_000_000_000L);
        for (int i = 0; i < 5; i++) {
            director.appendDone(a);
        }
        director.run(0.3);
        director.losePower(b);
        b.stallUntil(0);
        director.start(b);
        director.run(3);
    }

    /// B and C promise epoch after epoch while the third is away; then it must lead.
    private static void farBehind(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        director.isolate(c);
        for (int i = 0; i < 20; i++) {
            SimNode next = i % 2 == 0 ? b : a;
            director.force(next);
            director.until("next reign", 10, () -> director.coordinates(next));
        }
        director.crash(a);
        director.heal();
        director.hold(b, null, PollRequest.class, Director.FOREVER);
        director.until("coordinator that was away", 25, () -> director.coordinates(c));
        director.endHolds();
    }

    private static void lastAckLost(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        director.appendDone(a);
        director.run(0.5);
        long before = director.watermark(a);
        director.hold(null, a, ReplicateWriteAck.class, Director.FOREVER);
        director.append(a, director.operation("x"));
        director.run(0.05);
        director.endHolds();
        director.until("confirmation", 20, () -> director.watermark(a) > before);
    }

    private static void deadRun(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.run(0.5);
        director.hold(b, a, NodeMessage.Heartbeat.class, 3_000_000_000L);
        director.run(0.5);
        director.crash(b);
        director.endHolds();
        director.start(b);
        long before = director.count("MessageRefused");
        director.run(5);
        Director.require(
                director.count("MessageRefused") > before,
                "dead runs are refused",
                "late messages of an older run were taken");
    }

    private static void secondCoordinator(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        long before = director.count("MessageRefused");
        director.forge(
                c,
                b,
                new ReplicateWrite(
                        new Header(
                                new PartitionId(0),
                                0,
                                director.epoch(a),
                                director.status(c).storageId()),
                        director.status(c).last(),
                        LogPosition.NONE,
                        List.of()));
        director.run(0.2);
        Director.require(
                director.count("MessageRefused") > before,
                "one run per epoch",
                "a second run was taken for the coordinator of an epoch");
    }

    private static void staleRead(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        // A conflict makes a round, which must not serve a read that comes later.
        director.append(
                a,
                director.operation(
                        "s", new StreamCondition(STREAM, new Expectation.ExactVersion(9))));
        director.read(a);
        director.run(0.5);
        director.isolate(a);
        director.force(b);
        director.until("second reign", 10, () -> director.coordinates(b));
        director.appendDone(b);
        director.read(a);
        director.run(3);
    }

    private static void earlyRead(Director director) {
        SimNode[] n = five(director, 1);
        director.hold(n[0], null, ConfirmTransaction.class, Director.FOREVER);
        director.appendDone(n[0]);
        director.crash(n[0]);
        for (int i = 2; i < 5; i++) {
            director.hold(n[i], n[1], ReplicateWriteAck.class, Director.FOREVER);
        }
        director.force(n[1]);
        director.until("second reign", 10, () -> director.coordinates(n[1]));
        director.read(n[1]);
        director.run(1);
        director.endHolds();
    }

    private static void oldBuffer(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        director.hold(c, a, PartitionSyncRequest.class, Director.FOREVER);
        director.hold(a, c, ReplicateWrite.class, Director.FOREVER);
        director.hold(a, c, NodeMessage.Heartbeat.class, Director.FOREVER);
        director.appendDone(a);
        director.endHolds();
        director.hold(c, a, PartitionSyncRequest.class, Director.FOREVER);
        director.cutBoth(a, b);
        var answer = director.append(a, director.operation("x"));
        director.run(0.02);
        director.crash(a);
        director.force(b);
        director.until("second reign", 10, () -> director.coordinates(b));
        director.run(3);
        Director.require(
                !(answer.get() instanceof AppendResult.Appended),
                "acknowledged means durable",
                "the write of the dead coordinator was acknowledged");
        director.endHolds();
    }
}
