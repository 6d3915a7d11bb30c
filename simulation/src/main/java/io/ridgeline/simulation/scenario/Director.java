package io.ridgeline.simulation.scenario;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.AppendCondition;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.PartitionStatus;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.Shard;
import io.ridgeline.engine.message.FrameWriter;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.simulation.checker.Operation;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.cluster.Requests;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.network.NetworkProfile;
import io.ridgeline.simulation.network.SimNetwork;
import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.simulation.trace.MessageText;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a scenario's script can do with a cluster, mostly of one partition. Node 0 is the oldest.
public final class Director {
    /// A year: until the scenario ends.
    static final long FOREVER = 1_000_000_000L * 3_600 * 24 * 365;

    private static final long SECOND = 1_000_000_000;
    private static final long STEPS_MAX = 300_000;
    private static final long STEP = SECOND / 1_000;
    private static final PartitionId PARTITION = new PartitionId(0);
    private static final ByteBuffer DATA = ByteBuffer.wrap(new byte[150]);
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Cluster cluster;
    private final Requests requests;
    private final Seeded random;
    private final List<SimNetwork.Hold> holds = new ArrayList<>();

    /// @param cluster its nodes are not started yet
    public Director(Cluster cluster, Requests requests) {
        this.cluster = cluster;
        this.requests = requests;
        this.random = cluster.split("director", 0);
    }

    static SimPlan plan(Scenario.Setup setup) {
        List<Integer> all = IntStream.range(0, setup.nodes()).boxed().toList();
        return new SimPlan(
                1,
                setup.nodes(),
                Collections.nCopies(setup.partitions(), all),
                setup.writeQuorum(),
                0,
                0,
                SECOND,
                1,
                0,
                1,
                SECOND / 1_000,
                setup.syncs(),
                setup.smallLimits(),
                setup.nodes(),
                true,
                false,
                NetworkProfile.calm(200_000),
                List.of());
    }

    /// {@return the cluster}
    public Cluster cluster() {
        return cluster;
    }

    /// {@return a node}
    public SimNode node(int index) {
        return cluster.nodes().get(index);
    }

    /// Starts all nodes one after the other, and waits for node 0 to coordinate.
    public void startAll() {
        for (SimNode node : cluster.nodes()) {
            cluster.start(node);
            run(0.02);
        }
        until("a first coordinator", 30, () -> coordinator() != null);
    }

    /// {@return the node that says that it coordinates in the highest epoch, or null}
    public @Nullable SimNode coordinator() {
        return cluster.coordinatorOf(PARTITION);
    }

    /// {@return that node, which must exist}
    public SimNode theCoordinator() {
        until("a coordinator", 60, () -> coordinator() != null);
        SimNode found = coordinator();
        if (found == null) {
            throw new IllegalStateException("awaited above");
        }
        return found;
    }

    /// {@return some node that is neither of these}
    public SimNode otherThan(SimNode... taken) {
        for (SimNode node : cluster.nodes()) {
            if (!List.of(taken).contains(node)) {
                return node;
            }
        }
        throw new IllegalStateException("no node is left");
    }

    /// Lets time pass.
    public void run(double seconds) {
        long until = cluster.queue().now() + (long) (seconds * SECOND);
        while (cluster.queue().step(until)) {
            if (cluster.queue().fired() > STEPS_MAX) {
                throw new Violation("work is bounded", STEPS_MAX + " events");
            }
        }
    }

    /// Lets time pass until something holds; it must within the bound.
    public void until(String what, double secondsMax, BooleanSupplier holds) {
        if (!within(secondsMax, holds)) {
            throw new Violation("scenarios go on", "no " + what + " within " + secondsMax + " s");
        }
    }

    /// Lets time pass until something holds.
    ///
    /// @return whether it does
    public boolean within(double secondsMax, BooleanSupplier holds) {
        long end = cluster.queue().now() + (long) (secondsMax * SECOND);
        while (!holds.getAsBoolean()) {
            if (cluster.queue().now() >= end) {
                return false;
            }
            run(STEP / 1e9);
        }
        return true;
    }

    /// {@return the epoch that a node has published}
    public long epoch(SimNode node) {
        @Nullable Published state = node.published(PARTITION);
        return state == null ? 0 : state.epoch();
    }

    /// {@return whether a node coordinates}
    public boolean coordinates(SimNode node) {
        @Nullable Published state = node.published(PARTITION);
        return node.isUp() && state != null && state.role() == Role.COORDINATING;
    }

    /// {@return the watermark that a node has published}
    public long watermark(SimNode node) {
        @Nullable Published state = node.published(PARTITION);
        return state == null ? 0 : state.watermark().index();
    }

    /// Cuts one direction.
    public void cut(SimNode from, SimNode to) {
        cluster.network().cut(from.index(), to.index(), true);
    }

    /// Cuts both directions.
    public void cutBoth(SimNode one, SimNode other) {
        cut(one, other);
        cut(other, one);
    }

    /// Mends both directions.
    public void mend(SimNode one, SimNode other) {
        cluster.network().cut(one.index(), other.index(), false);
        cluster.network().cut(other.index(), one.index(), false);
    }

    /// Cuts a node off.
    public void isolate(SimNode node) {
        cluster.nodes().stream().filter(peer -> peer != node).forEach(peer -> cutBoth(node, peer));
    }

    /// Takes all cuts back, and lets through what is sent from now on.
    public void heal() {
        cluster.network().heal();
    }

    /// Holds every frame with a message of a type on a link, until so much later.
    ///
    /// @param from null for any
    /// @param to null for any
    public void hold(
            @Nullable SimNode from,
            @Nullable SimNode to,
            Class<? extends Message> type,
            long nanos) {
        SimNetwork.Hold hold =
                (sender, receiver, _, message) ->
                        (from == null || from.index() == sender)
                                        && (to == null || to.index() == receiver)
                                        && MessageText.holds(message, type)
                                ? nanos
                                : 0;
        holds.add(hold);
        cluster.network().addHold(hold);
    }

    /// Ends all holds; what is held stays on its way.
    public void endHolds() {
        holds.forEach(cluster.network()::removeHold);
        holds.clear();
    }

    /// The process ends; the page cache survives.
    public void crash(SimNode node) {
        cluster.crash(node, false);
    }

    /// The power fails.
    public void losePower(SimNode node) {
        cluster.crash(node, true);
    }

    /// An empty disk; the process must be down.
    public void wipe(SimNode node) {
        cluster.crash(node, true);
        node.store().wipe();
    }

    /// Starts a process.
    public void start(SimNode node) {
        cluster.start(node);
    }

    /// Stands still, or goes on.
    public void pause(SimNode node, boolean still) {
        if (still) {
            node.pause();
        } else {
            node.resume();
        }
    }

    /// An operator's word makes a replica a candidate at once.
    public void force(SimNode node) {
        force(node, PARTITION);
    }

    /// An operator's word makes a node a candidate for all partitions at once.
    public void forceAll(SimNode node) {
        cluster.partitions().forEach(partition -> force(node, partition));
    }

    private void force(SimNode node, PartitionId partition) {
        AdminCommand command =
                new AdminCommand.TransferCoordinator(partition, node.id(), true, _ -> {});
        cluster.command(node, command);
    }

    /// {@return whether every partition has a coordinator}
    public boolean allAreCoordinated() {
        return cluster.partitions().stream()
                .allMatch(partition -> cluster.coordinatorOf(partition) != null);
    }

    /// {@return whether a replica promises and counts}
    public boolean isVoter(SimNode node) {
        @Nullable Shard shard = node.shard();
        @Nullable PartitionStatus status = shard == null ? null : shard.status().get(PARTITION);
        return status != null && status.voter();
    }

    /// {@return a new append of one event}
    public Operation operation(String stream, AppendCondition... conditions) {
        NewEvent event =
                new NewEvent(random.uuid(), stream, "opened", "", 0, 0, List.of(), EMPTY, DATA);
        return cluster.checker()
                .ledger()
                .open(PARTITION, stream, List.of(event), List.of(conditions));
    }

    /// Tries an append at a node.
    ///
    /// @return where the answer will be
    public AtomicReference<@Nullable AppendResult> append(SimNode node, Operation operation) {
        AtomicReference<@Nullable AppendResult> answer = new AtomicReference<>();
        requests.append(node, operation, 2 * SECOND, answer::set);
        return answer;
    }

    /// Appends one event, which must be acknowledged.
    public Operation appendDone(SimNode node) {
        Operation operation = operation("s");
        AtomicReference<@Nullable AppendResult> answer = append(node, operation);
        until("acknowledgement", 10, () -> answer.get() instanceof AppendResult.Appended);
        return operation;
    }

    /// Lets a node hear something that no engine says.
    public void forge(SimNode from, SimNode to, PartitionMessage message) {
        FrameWriter frame = new FrameWriter(Cluster.ID, 0, from.run().startedAt(), 200);
        frame.add(message);
        cluster.network().send(from.index(), to.index(), Lane.CONTROL, frame.finish());
    }

    /// {@return what a node knows of the partition}
    public PartitionStatus status(SimNode node) {
        @Nullable Shard shard = node.shard();
        @Nullable PartitionStatus status = shard == null ? null : shard.status().get(PARTITION);
        if (status == null) {
            throw new IllegalStateException(node.id() + " has no such partition");
        }
        return status;
    }

    /// {@return how often something happened}
    public long count(String event) {
        return cluster.coverage().of(event);
    }

    /// Requires something.
    public static void require(boolean holds, String promise, String message) {
        if (!holds) {
            throw new Violation(promise, message);
        }
    }

    /// Begins a linearizable read at a node.
    ///
    /// @return where the answer will be
    public AtomicReference<@Nullable ReadIndexResult> read(SimNode node) {
        AtomicReference<@Nullable ReadIndexResult> answer = new AtomicReference<>();
        requests.readIndex(
                node,
                PARTITION,
                new ReadIndexRequest.Level.Linearizable(),
                2 * SECOND,
                answer::set);
        return answer;
    }
}
