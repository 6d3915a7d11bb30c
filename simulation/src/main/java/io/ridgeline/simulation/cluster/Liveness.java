package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.PartitionStatus;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.Shard;
import io.ridgeline.simulation.checker.Operation;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.quorum.Quorum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Liveness, stated so that it can fail (protocol review, section 7): with max(W, T) voters in
/// two-way contact every partition accepts a write within a bound, whatever other links are down;
/// with all links every replica becomes equal within a second bound, and epochs do not rise on and
/// on.
public final class Liveness {
    private static final long SECOND = 1_000_000_000;
    private static final long TICK = SECOND / 5;
    private static final int REIGNS_MAX = 12;

    /// Far more than any healthy run takes: a storm of messages or timers is a failure, too.
    private static final long STEPS_MAX = 1_500_000;

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Cluster cluster;
    private final Requests requests;
    private final Seeded random;
    private final long boundNanos;

    /// One partition that waits for a write to be accepted.
    private static final class Probe {
        private final PartitionId partition;
        private final Operation operation;
        private final List<SimNode> nodes;
        private int next;
        private boolean done;

        Probe(PartitionId partition, Operation operation, List<SimNode> nodes) {
            this.partition = partition;
            this.operation = operation;
            this.nodes = nodes;
        }
    }

    public Liveness(Cluster cluster, Requests requests) {
        this.cluster = cluster;
        this.requests = requests;
        this.random = cluster.split("liveness", 0);
        this.boundNanos = (long) (60 * SECOND * cluster.plan().pace());
    }

    /// {@return nodes of which every partition has max(W, T) voters, or all nodes if memories are
    /// lost or there are no fewer}
    public List<Integer> core() {
        List<Integer> core = new ArrayList<>();
        for (SimNode node : cluster.nodes()) {
            core.add(node.index());
        }
        for (PartitionId partition : cluster.partitions()) {
            // The first start needs all replicas once.
            if (cluster.memory().lostCount(partition) > 0
                    || cluster.checker().chosenIndex(partition) == 0) {
                return core;
            }
            for (SimNode node : cluster.replicasOf(partition)) {
                if (node.store().isDamaged(partition)) {
                    return core;
                }
            }
        }
        int tries = core.size();
        for (int i = 0; i < tries; i++) {
            int place = random.between(0, core.size() - 1);
            List<Integer> fewer = new ArrayList<>(core);
            fewer.subList(place, place + 1).clear();
            if (suffices(fewer)) {
                core.subList(place, place + 1).clear();
            }
        }
        core.sort(null);
        return core;
    }

    private boolean suffices(List<Integer> core) {
        for (PartitionId partition : cluster.partitions()) {
            int present = 0;
            for (SimNode node : cluster.replicasOf(partition)) {
                present += core.contains(node.index()) ? 1 : 0;
            }
            if (present < needed(partition)) {
                return false;
            }
        }
        return true;
    }

    /// Quorums may have been changed, and not everybody knows.
    private int needed(PartitionId partition) {
        int replicas = cluster.replicasOf(partition).size();
        Quorum planned = Swarm.quorum(replicas, cluster.plan().writeQuorum());
        int needed = Math.max(planned.write(), planned.takeover());
        for (SimNode node : cluster.replicasOf(partition)) {
            @Nullable Shard shard = node.shard();
            @Nullable PartitionStatus status = shard == null ? null : shard.status().get(partition);
            if (status != null) {
                needed = Math.max(needed, Math.max(status.write(), status.takeover()));
            }
        }
        return needed;
    }

    /// Requires that every partition accepts a write within the bound, asked at some nodes only.
    public void requireWrites(List<Integer> at) {
        long begin = cluster.queue().now();
        List<Probe> probes = new ArrayList<>();
        for (PartitionId partition : cluster.partitions()) {
            List<SimNode> nodes =
                    cluster.replicasOf(partition).stream()
                            .filter(node -> at.contains(node.index()))
                            .toList();
            Probe probe = new Probe(partition, operation(partition), nodes);
            probes.add(probe);
            attempt(probe);
        }
        run(begin + boundNanos, () -> probes.stream().allMatch(probe -> probe.done));
        for (Probe probe : probes) {
            if (!probe.done) {
                throw new Violation(
                        "partitions go on",
                        "partition %s accepts no write for %d s with links between %s: %s"
                                .formatted(
                                        probe.partition,
                                        boundNanos / SECOND,
                                        at,
                                        describe(probe.partition)));
            }
        }
        cluster.coverage().count("recoveredMillis", (cluster.queue().now() - begin) / 1_000_000);
    }

    /// Requires that every partition serves a linearizable read within the bound.
    public void requireReads() {
        Set<PartitionId> served = new TreeSet<>();
        long end = cluster.queue().now() + boundNanos;
        while (served.size() < cluster.partitions().size() && cluster.queue().now() < end) {
            for (PartitionId partition : cluster.partitions()) {
                @Nullable SimNode node = cluster.coordinatorOf(partition);
                if (node != null && !served.contains(partition)) {
                    requests.readIndex(
                            node,
                            partition,
                            new ReadIndexRequest.Level.Linearizable(),
                            SECOND,
                            result -> {
                                if (result instanceof ReadIndexResult.Ready) {
                                    served.add(partition);
                                }
                            });
                }
            }
            runUntil(cluster.queue().now() + TICK);
        }
        if (served.size() < cluster.partitions().size()) {
            throw new Violation(
                    "partitions serve reads", "only " + served + " of " + cluster.partitions());
        }
    }

    private Operation operation(PartitionId partition) {
        NewEvent event =
                new NewEvent(
                        random.uuid(),
                        "probe" + partition,
                        "probed",
                        "",
                        0,
                        0,
                        List.of(),
                        EMPTY,
                        EMPTY);
        return cluster.checker()
                .ledger()
                .open(partition, "probe" + partition, List.of(event), List.of());
    }

    private void attempt(Probe probe) {
        SimNode node = probe.nodes.get(probe.next++ % probe.nodes.size());
        requests.append(
                node,
                probe.operation,
                SECOND,
                result -> {
                    if (result instanceof AppendResult.Appended) {
                        probe.done = true;
                    } else {
                        cluster.queue().after(SECOND / 10, () -> attempt(probe));
                    }
                });
    }

    private interface Condition {
        boolean holds();
    }

    private void run(long untilNanos, Condition condition) {
        while (cluster.queue().now() < untilNanos && !condition.holds()) {
            runUntil(Math.min(untilNanos, cluster.queue().now() + TICK));
        }
    }

    /// Lets time pass.
    public void runUntil(long nanos) {
        while (cluster.queue().step(nanos)) {
            // Everything happens in the events.
            if (cluster.queue().fired() > STEPS_MAX) {
                throw new Violation(
                        "work is bounded",
                        "%d events in %.1f s".formatted(STEPS_MAX, cluster.queue().now() / 1e9));
            }
        }
    }

    /// Requires that all replicas become equal, and voters, within the bound.
    public void requireEquality() {
        run(cluster.queue().now() + boundNanos, this::areEqual);
        for (PartitionId partition : cluster.partitions()) {
            for (SimNode node : cluster.replicasOf(partition)) {
                @Nullable Published state = node.published(partition);
                cluster.checker()
                        .checkComplete(
                                node.run(),
                                partition,
                                node.store(),
                                state == null ? 0 : state.watermark().index());
            }
            if (!areSound(partition)) {
                throw new Violation("replicas become sound", describe(partition));
            }
        }
    }

    private boolean areEqual() {
        for (PartitionId partition : cluster.partitions()) {
            long end = cluster.checker().chosenIndex(partition);
            for (SimNode node : cluster.replicasOf(partition)) {
                @Nullable Published state = node.published(partition);
                if (!node.isUp() || state == null || state.watermark().index() < end) {
                    return false;
                }
            }
            if (!areSound(partition)) {
                return false;
            }
        }
        return true;
    }

    private boolean areSound(PartitionId partition) {
        for (SimNode node : cluster.replicasOf(partition)) {
            @Nullable Shard shard = node.shard();
            @Nullable PartitionStatus status = shard == null ? null : shard.status().get(partition);
            if (status == null
                    || !status.voter()
                    || status.role() == Role.STOPPED
                    || status.damagedEntries() > 0) {
                return false;
            }
        }
        return true;
    }

    /// Requires that epochs have not risen on and on since a time when nothing was wrong.
    ///
    /// @param reignsBefore how many there were then, by partition
    public void requireCalm(List<Integer> reignsBefore) {
        for (int i = 0; i < reignsBefore.size(); i++) {
            PartitionId partition = cluster.partitions().get(i);
            int since = cluster.checker().reigns(partition) - reignsBefore.get(i);
            if (since > REIGNS_MAX) {
                throw new Violation(
                        "epochs do not rise on and on",
                        "%d more in partition %s after all faults had ended"
                                .formatted(since, partition));
            }
        }
    }

    /// {@return how many epochs have begun, by partition}
    public List<Integer> reigns() {
        return cluster.partitions().stream().map(cluster.checker()::reigns).toList();
    }

    private String describe(PartitionId partition) {
        StringBuilder text = new StringBuilder();
        for (SimNode node : cluster.replicasOf(partition)) {
            @Nullable Shard shard = node.shard();
            text.append("\n  ").append(node.id()).append(' ');
            text.append(shard == null ? "down" : String.valueOf(shard.status().get(partition)));
        }
        return text.toString();
    }
}
