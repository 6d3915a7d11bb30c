package io.ridgeline.simulation.scenario;

import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.plan.Syncs;
import java.util.List;

/// Schedules in which replicas lose their memory.
final class MemoryScenarios {
    private MemoryScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario(
                        "C9: a takeover request is held past a wipe",
                        List.of("RECOUNT_AFTER_ADOPTION"),
                        new Scenario.Setup(5),
                        MemoryScenarios::requestHeldPastWipe),
                new Scenario(
                        "C9: amnesia under an old name",
                        List.of("BLANK_DOES_NOT_PROMISE", "DISK_NEW_ID_WHEN_EMPTY"),
                        new Scenario.Setup(3),
                        MemoryScenarios::amnesia),
                new Scenario(
                        "C9: one disk after the other is replaced, then all power is lost",
                        List.of("CHANGE_IS_REPEATED"),
                        new Scenario.Setup(3),
                        MemoryScenarios::wipedOneAfterTheOther),
                new Scenario(
                        "C11: recovered from the page cache, then the power fails",
                        List.of("DISK_RECOVERED_IS_SYNCED"),
                        new Scenario.Setup(3, 0, Syncs.OVERLAPPING_BY_NAME),
                        MemoryScenarios::recoveredThenPowerCut),
                new Scenario(
                        "H17: an old image of a disk",
                        List.of(),
                        new Scenario.Setup(3),
                        MemoryScenarios::oldImage),
                new Scenario(
                        "C12: the last acknowledged entry is damaged",
                        List.of("DISK_ONLY_TORN_IS_CUT"),
                        new Scenario.Setup(3),
                        MemoryScenarios::lastEntryDamaged),
                new Scenario(
                        "H14: what is damaged is not put back before the coordinator dies",
                        List.of("DAMAGED_NO_CANDIDATE"),
                        new Scenario.Setup(3),
                        MemoryScenarios::oldestLeftIsDamaged));
    }

    /// B promises to C and is wiped; A readmits it and confirms X with it and E; D, which lacks X,
    /// is asked only now. C must not count what B has forgotten.
    private static void requestHeldPastWipe(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        SimNode d = director.otherThan(a, b, c);
        SimNode e = director.otherThan(a, b, c, d);
        director.appendDone(a);
        director.run(0.3);
        director.cutBoth(a, c);
        director.hold(c, d, TakeoverRequest.class, 2_300_000_000L);
        director.hold(c, a, TakeoverRequest.class, Director.FOREVER);
        director.hold(c, e, TakeoverRequest.class, Director.FOREVER);
        director.force(c);
        director.run(0.02);
        director.wipe(b);
        director.start(b);
        director.within(1.6, () -> director.isVoter(b));
        director.run(0.1);
        director.cutBoth(a, d);
        director.cutBoth(e, d);
        director.cutBoth(b, d);
        director.append(a, director.operation("x"));
        director.run(4);
        director.endHolds();
    }

    /// B is wiped and readmitted, then C is wiped, then the power fails before anybody has saved a
    /// watermark: A and B must go on.
    private static void wipedOneAfterTheOther(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        long voters = director.count("BecameVoter");
        director.wipe(b);
        director.start(b);
        director.until("readmission", 10, () -> director.count("BecameVoter") > voters);
        director.run(0.005);
        director.wipe(c);
        director.losePower(a);
        director.losePower(b);
        for (SimNode node : List.of(a, b, c)) {
            node.store().damageWatermark(director.cluster().partitions().getFirst());
            director.start(node);
        }
        director.appendDone(director.theCoordinator());
    }

    /// A and B acknowledge X without C; B's disk is replaced; A dies; B and C must not go on.
    private static void amnesia(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.run(0.5);
        director.isolate(c);
        director.appendDone(a);
        director.crash(a);
        director.wipe(b);
        director.start(b);
        director.heal();
        director.run(15);
    }

    /// B's process is killed with X in the page cache only, recovers it, acknowledges; its power
    /// fails; A dies; X must still be there.
    private static void recoveredThenPowerCut(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.run(0.5);
        director.isolate(c);
        b.stallUntil(director.cluster().queue().now() + 20_000_000_000L);
        var answer = director.append(a, director.operation("x"));
        director.run(0.2);
        director.crash(b);
        b.stallUntil(0);
        director.start(b);
        director.within(1.5, () -> answer.get() != null);
        director.losePower(b);
        director.crash(a);
        director.start(b);
        director.heal();
        director.run(10);
    }

    /// B is restored from an old image while A rules: A notices, and B starts anew.
    private static void oldImage(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        director.run(0.5);
        b.store().takeImage();
        for (int i = 0; i < 5; i++) {
            director.appendDone(a);
        }
        director.run(0.5);
        director.crash(b);
        b.store().restoreImage();
        director.start(b);
        director.run(1);
        director.appendDone(a);
        director.run(5);
    }

    /// A bit flips in the last entry that B has acknowledged; A dies; B must not vote without it.
    private static void lastEntryDamaged(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.run(0.5);
        director.isolate(c);
        director.appendDone(a);
        director.crash(a);
        director.losePower(b);
        b.store().damage(director.cluster().partitions().getFirst(), 0.999, false);
        director.start(b);
        director.heal();
        director.run(10);
    }

    /// B cannot read what it has confirmed, nobody's pages reach it, and A dies. B is the oldest
    /// that is left; C must go on instead.
    private static void oldestLeftIsDamaged(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        for (int i = 0; i < 5; i++) {
            director.appendDone(a);
        }
        director.run(1);
        director.hold(a, b, PartitionSyncResponse.class, Director.FOREVER);
        director.hold(c, b, PartitionSyncResponse.class, Director.FOREVER);
        director.crash(b);
        b.store().damage(director.cluster().partitions().getFirst(), 0.5, true);
        director.start(b);
        director.run(1);
        director.crash(c);
        director.run(0.1);
        director.start(c);
        director.run(2);
        director.crash(a);
        director.until("a whole replica coordinates", 10, () -> director.coordinates(c));
        director.appendDone(c);
        director.endHolds();
    }
}
