package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Limits;
import io.ridgeline.engine.Ports;
import io.ridgeline.engine.Protocol;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.Shard;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.Timings;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.checker.Checker;
import io.ridgeline.simulation.checker.StableLogs;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.disk.DiskRule;
import io.ridgeline.simulation.disk.SimDisk;
import io.ridgeline.simulation.network.SimNetwork;
import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.plan.Syncs;
import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.simulation.trace.Coverage;
import io.ridgeline.simulation.trace.MessageText;
import io.ridgeline.simulation.trace.Trace;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A cluster of one run: nodes, the network between them, their disks and the checker.
public final class Cluster {
    /// The wall clock at the beginning of every run.
    public static final long START_MILLIS = 1_700_000_000_000L;

    /// The id of every cluster.
    public static final UUID ID = new UUID(7, 7);

    /// A process that could not start is started again after so long.
    private static final long START_AGAIN_NANOS = 100_000_000;

    private final SimPlan plan;
    private final EventQueue queue = new EventQueue();
    private final Seeded random;
    private final Trace trace;
    private final Coverage coverage;
    private final Checker checker;
    private final SimNetwork network;
    private final Links links;
    private final Memory memory;
    private final List<SimNode> nodes = new ArrayList<>();
    private final SortedMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
    private final Set<Run> runs = new HashSet<>();
    private final Rules rules;
    private final boolean collidingStarts;

    /// Decoding each frame takes time: some seeds do.
    private final boolean checksWire;

    /// @param rules what the engine keeps
    /// @param broken what the disks do not keep
    public Cluster(
            SimPlan plan, Rules rules, Set<DiskRule> broken, Trace trace, Coverage coverage) {
        this.plan = plan;
        this.rules = rules;
        this.trace = trace;
        this.coverage = coverage;
        this.random = new Seeded(plan.seed());
        for (int p = 0; p < plan.replicas().size(); p++) {
            replicas.put(
                    new PartitionId(p), plan.replicas().get(p).stream().map(Cluster::id).toList());
        }
        this.checker = new Checker(replicas.keySet());
        this.network =
                new SimNetwork(
                        queue,
                        plan.network(),
                        plan.nodes(),
                        random.split("network", 0),
                        new Arrivals());
        for (int i = 0; i < plan.nodes(); i++) {
            nodes.add(
                    new SimNode(
                            i,
                            id(i),
                            queue,
                            random.split("loop", i),
                            store(i, broken),
                            plan.syncs() != Syncs.BLOCKING && !plan.fileStorage(),
                            plan.syncNanos()));
        }
        this.links = new Links(queue, network, nodes, random.split("links", 0));
        this.memory = new Memory(this);
        this.checksWire = plan.seed() % 3 == 1;
        this.collidingStarts = random.split("starts", 0).chance(0.3);
    }

    private NodeStore store(int node, Set<DiskRule> broken) {
        Seeded own = random.split("disk", node);
        if (plan.fileStorage()) {
            return new FileStore(node, id(node), own, checker);
        }
        SimDisk disk = new SimDisk(node, id(node), own, checker, broken);
        if (plan.syncs() == Syncs.OVERLAPPING_BY_NAME) {
            disk.nameSynced();
        }
        return new ModelStore(disk);
    }

    private static NodeId id(int node) {
        return new NodeId("n" + node);
    }

    /// {@return the plan}
    public SimPlan plan() {
        return plan;
    }

    /// {@return time and order}
    public EventQueue queue() {
        return queue;
    }

    /// {@return the network}
    public SimNetwork network() {
        return network;
    }

    /// {@return what judges the run}
    public Checker checker() {
        return checker;
    }

    /// {@return what was counted}
    public Coverage coverage() {
        return coverage;
    }

    /// {@return the story of the run}
    public Trace trace() {
        return trace;
    }

    /// {@return who is without memory of what}
    public Memory memory() {
        return memory;
    }

    /// {@return the nodes}
    public List<SimNode> nodes() {
        return nodes;
    }

    /// {@return the partitions in order}
    public List<PartitionId> partitions() {
        return List.copyOf(replicas.keySet());
    }

    /// {@return the nodes that have a replica of a partition}
    public List<SimNode> replicasOf(PartitionId partition) {
        return plan.replicas().get(partition.value()).stream().map(nodes::get).toList();
    }

    /// {@return a generator for a consumer}
    public Seeded split(String consumer, int number) {
        return random.split(consumer, number);
    }

    /// {@return the timings of the engine in this run}
    public Timings timings() {
        Timings normal = Timings.DEFAULT;
        double pace = plan.pace();
        return new Timings(
                (long) (2 * normal.heartbeatNanos() * pace),
                (long) (normal.detectorNanos() * pace),
                (long) (normal.lostNanos() * pace),
                (long) (normal.stepNanos() * pace),
                (long) (normal.takeoverNanos() * pace),
                normal.resendNanos(),
                normal.resendMaxNanos(),
                normal.bufferAgeNanos(),
                plan.seed() % 3 == 0 ? normal.transferHoldNanos() / 10 : normal.transferHoldNanos(),
                normal.transferNanos(),
                normal.syncLateNanos());
    }

    private Limits limits() {
        Limits normal = Limits.DEFAULT;
        if (!plan.smallLimits()) {
            return normal;
        }
        return new Limits(
                12,
                8_000,
                8,
                6,
                normal.transactionBytesMax(),
                1_000,
                4_000,
                10,
                1_200,
                3_000,
                4,
                2_000,
                4_000,
                2,
                normal.hopsMax(),
                15,
                normal.epochStepMax());
    }

    /// Starts a process on a node.
    public void start(SimNode node) {
        if (node.isUp()) {
            return;
        }
        long before = node.store().startedAt();
        long clock = node.wallMillis();
        if (collidingStarts) {
            // Whole seconds collide.
            clock = clock / 1_000 * 1_000;
        }
        Run run = new Run(node.id(), Math.max(clock, before + 1));
        while (!runs.add(run)) {
            // Only a wiped disk forgets; a clock that repeats to the millisecond is not modelled.
            run = new Run(node.id(), run.startedAt() + 1);
        }
        node.store().saveStartedAt(run.startedAt());
        Shard shard;
        try {
            shard = opened(node, run);
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.FULL) {
                throw e;
            }
            tell(node, () -> "cannot start, as there is no space for a first log");
            node.store().letGo();
            queue.after(START_AGAIN_NANOS, () -> start(node));
            return;
        }
        node.begin(run, shard);
        links.onStarted(node);
    }

    private Shard opened(SimNode node, Run run) {
        LogBucket bucket = node.store().open();
        coverage.count("replicasBlankAtStart", node.store().blanks());
        ShardSettings settings =
                new ShardSettings(
                        run,
                        0,
                        ID,
                        replicas,
                        count -> Swarm.quorum(count, plan.writeQuorum()),
                        limits(),
                        timings(),
                        Protocol.VERSIONS,
                        rules);
        memory.onOpened(node, bucket);
        tell(node, () -> "starts as " + run);
        return new Shard(
                settings,
                bucket,
                new NodePorts(node, run),
                random.split("shard", node.index() * 1_000 + node.generation()));
    }

    /// Ends a process without a word.
    public void crash(SimNode node, boolean power) {
        if (!node.isUp()) {
            return;
        }
        tell(node, () -> power ? "loses power" : "crashes");
        node.end();
        if (power) {
            int torn = node.store().tornWrites();
            node.store().losePower();
            coverage.count("tornWrites", node.store().tornWrites() - torn);
        }
        links.onEnded(node);
    }

    /// {@return the node that coordinates a partition as most nodes see it, or null}
    public @Nullable SimNode coordinatorOf(PartitionId partition) {
        @Nullable SimNode best = null;
        long bestEpoch = -1;
        for (SimNode node : nodes) {
            @Nullable Published state = node.published(partition);
            if (node.isUp()
                    && state != null
                    && state.role() == Role.COORDINATING
                    && state.epoch() > bestEpoch) {
                best = node;
                bestEpoch = state.epoch();
            }
        }
        return best;
    }

    /// Gives an operator's command to a node.
    public void command(SimNode node, AdminCommand command) {
        node.give((shard, now) -> shard.onCommand(command, now));
    }

    void tell(SimNode node, Supplier<String> text) {
        trace.tell(queue.now(), node.id().name(), "", text);
    }

    /// A supervisor starts a process anew whose disk has failed; its replicas are blank then.
    private void restartSoon(SimNode node) {
        memory.onLost(node);
        int during = node.generation();
        queue.after(
                1_000_000_000L,
                () -> {
                    if (node.isUp() && node.generation() == during) {
                        crash(node, false);
                        start(node);
                    }
                });
    }

    private void onOutdated(SimNode node, long newer) {
        // The runtime stops the process and starts one that is younger than what peers have seen.
        int during = node.generation();
        queue.after(
                500_000_000L,
                () -> {
                    if (node.isUp() && node.generation() == during) {
                        crash(node, false);
                        node.store().saveStartedAt(Math.max(newer, node.store().startedAt()));
                        start(node);
                    }
                });
    }

    /// What a node's shard acts through.
    private final class NodePorts implements Ports {
        private final SimNode node;
        private final Run run;
        private final int generation;

        NodePorts(SimNode node, Run run) {
            this.node = node;
            this.run = run;
            // The process begins right after its ports are made.
            this.generation = node.generation() + 1;
        }

        @Override
        public boolean send(NodeId to, Lane lane, ByteBuffer message) {
            if (node.generation() != generation) {
                return false;
            }
            int peer = Integer.parseInt(to.name().substring(1));
            if (!links.isConnected(node.index(), peer)) {
                return false;
            }
            @Nullable StableLogs disk = checksWire ? node.store().stable() : null;
            if (disk != null) {
                checker.onSent(run, message, disk);
            }
            network.send(node.index(), peer, lane, message);
            return true;
        }

        @Override
        public void published(PartitionId partition, Published state) {
            if (node.generation() != generation) {
                return;
            }
            trace.mix(state.watermark().index() << 20 ^ state.epoch());
            checker.onPublished(run, partition, state, node.store());
            node.publish(partition, state);
            tell(node, () -> "publishes p" + partition + " " + state);
        }

        @Override
        public void record(EngineEvent event) {
            coverage.count(name(event));
            tell(node, event::toString);
            switch (event) {
                case EngineEvent.Violation(_, Violation ours) -> throw ours;
                case EngineEvent.Violation(PartitionId partition, Throwable cause) -> {
                    Violation violation =
                            new Violation(
                                    "the engine keeps its invariants",
                                    "%s, partition %s: %s".formatted(run, partition, cause));
                    violation.initCause(cause);
                    throw violation;
                }
                case EngineEvent.Outdated(_, long newer) -> onOutdated(node, newer);
                case EngineEvent.StorageFailed _ -> restartSoon(node);
                case EngineEvent.TakeoverStarted(PartitionId partition, _, _) -> {
                    @Nullable Published known = node.published(partition);
                    if (known != null) {
                        checker.onTakeoverStarted(run, partition, known);
                    }
                }
                case EngineEvent.BecameBlank(PartitionId partition, _) ->
                        memory.onLost(node, partition);
                default -> {
                    // Counted only.
                }
            }
        }
    }

    private static String name(EngineEvent event) {
        String name = event.getClass().getSimpleName();
        return switch (event) {
            case EngineEvent.RoleChanged changed -> name + "." + changed.role();
            case EngineEvent.Transfer transfer -> name + "." + transfer.step();
            case EngineEvent.FateLearned fate ->
                    name + (fate.confirmed() ? ".confirmed" : ".discarded");
            default -> name;
        };
    }

    private final class Arrivals implements SimNetwork.Receiver {
        @Override
        public void onArrived(int from, int to, Lane lane, ByteBuffer message) {
            SimNode node = nodes.get(to);
            trace.mix(queue.now() ^ (long) from << 56 ^ (long) to << 48 ^ SimNetwork.number(lane));
            trace.mix(message);
            trace.tell(
                    queue.now(),
                    "n" + from,
                    "n" + to,
                    () -> (node.isUp() ? "" : "[nobody] ") + MessageText.of(message));
            NodeId sender = nodes.get(from).id();
            node.give((shard, now) -> shard.onMessage(sender, message, now));
        }

        @Override
        public void onLost(int from, int to, Lane lane, ByteBuffer message) {
            trace.tell(
                    queue.now(), "n" + from, "n" + to, () -> "[lost] " + MessageText.of(message));
        }
    }
}
