package io.ridgeline.simulation.runner;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.client.ClientActor;
import io.ridgeline.simulation.client.Subscriber;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.cluster.FaultDriver;
import io.ridgeline.simulation.cluster.Liveness;
import io.ridgeline.simulation.cluster.Requests;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.disk.DiskRule;
import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.scenario.Director;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.simulation.trace.Coverage;
import io.ridgeline.simulation.trace.Trace;
import io.ridgeline.spi.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs one plan from the first start to the last check.
public final class Simulation {
    private static final long SECOND = 1_000_000_000;

    private Simulation() {}

    /// {@return how the plan's run ends with the real engine}
    public static RunResult run(SimPlan plan) {
        return run(plan, Rules.ALL, Set.of(), false);
    }

    /// {@return how the plan's run ends}
    ///
    /// @param rules what the engine keeps
    /// @param broken what the disks do not keep
    /// @param told whether the story is kept
    public static RunResult run(SimPlan plan, Rules rules, Set<DiskRule> broken, boolean told) {
        Trace trace = new Trace(told);
        Coverage coverage = new Coverage();
        Cluster cluster = new Cluster(plan, rules, broken, trace, coverage);
        try {
            play(cluster);
        } catch (RuntimeException | StackOverflowError e) {
            return result(cluster, e);
        }
        return result(cluster, null);
    }

    /// {@return how a run ends in which a script says what happens}
    public static RunResult direct(
            SimPlan plan,
            Rules rules,
            Set<DiskRule> broken,
            boolean told,
            Consumer<Director> script) {
        Cluster cluster = new Cluster(plan, rules, broken, new Trace(told), new Coverage());
        try {
            Requests requests = new Requests(cluster);
            Liveness liveness = new Liveness(cluster, requests);
            List<Subscriber> subscribers = new ArrayList<>();
            for (PartitionId partition : cluster.partitions()) {
                subscribers.add(new Subscriber(cluster, partition));
            }
            script.accept(new Director(cluster, requests));
            new FaultDriver(cluster).heal();
            finish(cluster, liveness, requests, subscribers);
        } catch (RuntimeException | StackOverflowError e) {
            return result(cluster, e);
        }
        return result(cluster, null);
    }

    private static RunResult result(Cluster cluster, @Nullable Throwable failure) {
        count(cluster);
        return new RunResult(
                cluster.plan(),
                cluster.queue().now(),
                cluster.queue().fired(),
                cluster.trace().hash(),
                cluster.coverage(),
                cluster.trace(),
                failure);
    }

    private static void play(Cluster cluster) {
        SimPlan plan = cluster.plan();
        Requests requests = new Requests(cluster);
        FaultDriver faults = new FaultDriver(cluster);
        Liveness liveness = new Liveness(cluster, requests);
        Seeded random = cluster.split("play", 0);
        for (SimNode node : cluster.nodes()) {
            long late = random.chance(0.1) ? random.between(0L, 4 * SECOND) : 0;
            cluster.queue().at(late + random.between(0L, SECOND / 10), () -> cluster.start(node));
        }
        for (int i = 0; i < plan.clients(); i++) {
            new ClientActor(cluster, requests, i);
        }
        List<Subscriber> subscribers = new ArrayList<>();
        for (PartitionId partition : cluster.partitions()) {
            subscribers.add(new Subscriber(cluster, partition));
        }
        faults.schedule();
        liveness.runUntil(plan.faultNanos());
        faults.heal();
        if (!plan.checksLiveness()) {
            liveness.runUntil(cluster.queue().now() + 20 * SECOND);
            return;
        }
        if (random.chance(0.4)) {
            // Restarted nodes become voters first; then some links go down for good.
            liveness.runUntil(cluster.queue().now() + 2 * SECOND);
            List<Integer> core = liveness.core();
            if (core.size() < plan.nodes()) {
                cluster.coverage().count("partialLinks");
                faults.links().cutAround(core, random);
                liveness.requireWrites(core);
                cluster.network().heal();
            }
        }
        finish(cluster, liveness, requests, subscribers);
    }

    private static void finish(
            Cluster cluster, Liveness liveness, Requests requests, List<Subscriber> subscribers) {
        List<Integer> all = cluster.nodes().stream().map(SimNode::index).toList();
        liveness.requireWrites(all);
        liveness.requireEquality();
        liveness.requireReads();
        List<Integer> reigns = liveness.reigns();
        liveness.runUntil(cluster.queue().now() + 6 * SECOND);
        requests.checkAnswered(2 * SECOND);
        liveness.requireEquality();
        liveness.requireCalm(reigns);
        for (int i = 0; i < subscribers.size(); i++) {
            PartitionId partition = cluster.partitions().get(i);
            long end =
                    cluster.checker()
                            .events(partition)
                            .sequenceEnd(cluster.checker().chosenIndex(partition));
            if (subscribers.get(i).next() < end) {
                // A page takes a poll; what was confirmed long ago must have come.
                liveness.runUntil(cluster.queue().now() + 30 * SECOND);
            }
            if (subscribers.get(i).next() < end) {
                throw new Violation(
                        "subscribers see every event",
                        "partition %s: up to %d of %d"
                                .formatted(partition, subscribers.get(i).next(), end));
            }
        }
    }

    private static void count(Cluster cluster) {
        Coverage coverage = cluster.coverage();
        coverage.count("messages", cluster.network().sent());
        coverage.count("messagesLost", cluster.network().lost());
        coverage.count("messagesHeld", cluster.network().held());
        coverage.count("logTruncations", cluster.checker().truncations());
        coverage.count("acknowledged", cluster.checker().ledger().acknowledged());
        coverage.count("duplicatesAnswered", cluster.checker().ledger().duplicates());
        coverage.count("conflicts", cluster.checker().ledger().conflicts());
        coverage.count("idConflicts", cluster.checker().ledger().idConflicts());
        coverage.count("discarded", cluster.checker().ledger().discarded());
        coverage.count("indeterminate", cluster.checker().ledger().unknown());
        for (PartitionId partition : cluster.partitions()) {
            coverage.count("epochs", cluster.checker().reigns(partition));
            coverage.count("chosenEntries", cluster.checker().chosenIndex(partition));
        }
    }
}
