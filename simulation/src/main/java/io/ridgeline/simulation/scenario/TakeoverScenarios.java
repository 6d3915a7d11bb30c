package io.ridgeline.simulation.scenario;

import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.plan.Syncs;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Schedules in which epochs begin and end.
final class TakeoverScenarios {
    private TakeoverScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario(
                        "C1: two candidates ask one replica for one epoch",
                        List.of("PROMISE_ONCE"),
                        new Scenario.Setup(3),
                        TakeoverScenarios::twoCandidates),
                new Scenario(
                        "C2: four replicas, W 3, two candidates with two promises each",
                        List.of("TAKEOVERS_MEET"),
                        new Scenario.Setup(4, 3, Syncs.BLOCKING),
                        TakeoverScenarios::twoHalves),
                new Scenario(
                        "C3: a promise while an append is in flight",
                        List.of("PROMISE_SYNCS_TAIL"),
                        new Scenario.Setup(3, 0, Syncs.OVERLAPPING_BY_NAME),
                        TakeoverScenarios::promiseInFlight),
                new Scenario(
                        "C6: a coordinator restarts within the detector's patience",
                        List.of("EPOCH_ENDS_WITH_RUN"),
                        new Scenario.Setup(3),
                        TakeoverScenarios::quickRestart),
                new Scenario(
                        "H4: a coordinator that is heard and cannot hear",
                        List.of("CLAIM_NEEDS_CONTACT"),
                        new Scenario.Setup(3),
                        TakeoverScenarios::deafCoordinator),
                new Scenario(
                        "H5: a candidate that copies is left alone",
                        List.of("RESPECT_CANDIDATE"),
                        new Scenario.Setup(5, 0, Syncs.BLOCKING, true),
                        TakeoverScenarios::busyCandidate),
                new Scenario(
                        "H6: an isolated replica does not raise epochs",
                        List.of("POLL_FIRST"),
                        new Scenario.Setup(3),
                        TakeoverScenarios::isolatedReplica),
                new Scenario(
                        "H7: the heartbeat that takes back a claim is lost, the next one is not",
                        List.of("DIGEST_REPEATS"),
                        new Scenario.Setup(3, 0, Syncs.BLOCKING, true, 3),
                        TakeoverScenarios::claimTakenBackUnheard),
                new Scenario(
                        "H18: a takeover with full disks",
                        List.of("DISK_SPACE_IS_RESERVED"),
                        new Scenario.Setup(3),
                        TakeoverScenarios::fullDisks));
    }

    /// A is back as a replica and is asked by B and by C, which do not hear each other.
    private static void twoCandidates(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.run(0.5);
        director.crash(a);
        director.start(a);
        director.cutBoth(b, c);
        director.run(0.4);
        director.force(b);
        director.force(c);
        director.run(3);
        director.append(b, director.operation("x"));
        director.append(c, director.operation("y"));
        director.run(3);
    }

    /// {A, B} and {C, D} are apart; A and C want the next epoch.
    private static void twoHalves(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        SimNode d = director.otherThan(a, b, c);
        director.run(0.5);
        for (SimNode left : List.of(a, b)) {
            for (SimNode right : List.of(c, d)) {
                director.cutBoth(left, right);
            }
        }
        director.force(b);
        director.force(c);
        director.run(4);
        director.heal();
    }

    /// B has X in its page cache and its sync running when C asks it.
    private static void promiseInFlight(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.run(0.5);
        director.cutBoth(a, c);
        b.stallUntil(director.cluster().queue().now() + 500_000_000L);
        director.append(a, director.operation("x"));
        director.run(0.05);
        director.hold(c, a, TakeoverRequest.class, Director.FOREVER);
        director.force(c);
        director.run(2);
        director.endHolds();
        b.stallUntil(0);
        director.run(2);
        director.heal();
        director.run(5);
    }

    /// A restarts before anybody misses it.
    private static void quickRestart(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.run(0.5);
        director.cutBoth(a, b);
        director.append(a, director.operation("x"));
        director.run(0.0008);
        director.losePower(a);
        director.start(a);
        director.run(0.1);
        director.append(a, director.operation("y"));
        director.run(2);
        director.heal();
    }

    /// All hear A, A hears nobody: the others must go on within the bound.
    private static void deafCoordinator(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.appendDone(a);
        director.cut(b, a);
        director.cut(c, a);
        director.until(
                "other coordinator while the old one is deaf",
                30,
                () -> director.coordinates(b) || director.coordinates(c));
    }

    /// C is alone for a minute; its epoch must not have risen when it comes back.
    private static void isolatedReplica(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode c = director.otherThan(a, director.otherThan(a));
        director.appendDone(a);
        long before = director.epoch(c);
        director.isolate(c);
        director.run(60);
        if (director.epoch(c) != before) {
            throw new Violation(
                    "an isolated replica raises no epoch", before + " became " + director.epoch(c));
        }
        director.heal();
        director.run(2);
    }

    /// C, which hears nobody, claims to take over three partitions and gives up. A heartbeat has
    /// room for two of them; the first that says so is lost. Echoes of the next ones must not pass
    /// for its.
    private static void claimTakenBackUnheard(Director director) {
        director.startAll();
        director.until("first coordinators", 30, director::allAreCoordinated);
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        SimNode c = director.otherThan(a, b);
        director.run(0.5);
        director.cut(a, c);
        director.cut(b, c);
        director.forceAll(c);
        director.until("candidate that gives up", 10, () -> director.count("TakeoverFailed") == 3);
        director.isolate(c);
        director.run(0.2);
        director.heal();
        director.until("coordinators of all partitions", 30, director::allAreCoordinated);
    }

    /// B has a slow disk, and copies page after page; C, D and E have nothing to copy, and wait.
    private static void busyCandidate(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        SimNode b = director.otherThan(a);
        director.appendDone(a);
        director.run(0.5);
        director.isolate(b);
        for (int i = 0; i < 12; i++) {
            director.appendDone(a);
        }
        long before = director.epoch(a);
        long promises = director.count("Promised");
        director.crash(a);
        director.heal();
        // The others are about to try, too.
        director.run(0.5);
        director.force(b);
        director.until("promise", 10, () -> director.count("Promised") > promises);
        b.slowSyncs(300_000_000L);
        SimNode next = director.theCoordinator();
        long reigns = director.epoch(next) - before;
        if (next != b || reigns != 1) {
            throw new Violation(
                    "a candidate that makes progress is left alone",
                    next.id()
                            + " in place of "
                            + b.id()
                            + " coordinates after "
                            + reigns
                            + " epochs");
        }
    }

    /// No disk has space for clients; a takeover lives on what is kept free.
    private static void fullDisks(Director director) {
        director.startAll();
        SimNode a = director.theCoordinator();
        director.appendDone(a);
        director.run(0.5);
        director.cluster().nodes().forEach(node -> node.store().setFull(true));
        director.crash(a);
        SimNode next = director.theCoordinator();
        AtomicReference<@Nullable ReadIndexResult> read = director.read(next);
        director.until("read", 10, () -> read.get() instanceof ReadIndexResult.Ready);
    }
}
