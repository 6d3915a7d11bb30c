package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.CommandResult;
import io.ridgeline.simulation.plan.Fault;
import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.quorum.Quorum;
import org.jspecify.annotations.Nullable;

/// Lets the faults of a plan strike, and mends everything at the end.
public final class FaultDriver {
    private static final long SECOND = 1_000_000_000;

    private final Cluster cluster;
    private final EventQueue queue;
    private final LinkFaults links;
    private boolean healed;

    public FaultDriver(Cluster cluster) {
        this.cluster = cluster;
        this.queue = cluster.queue();
        this.links = new LinkFaults(cluster);
    }

    /// Schedules all faults of the plan.
    public void schedule() {
        for (Fault fault : cluster.plan().faults()) {
            queue.at(fault.atNanos(), () -> strike(fault));
        }
    }

    /// {@return the faults of links}
    public LinkFaults links() {
        return links;
    }

    /// Lets a fault strike now.
    public void strike(Fault fault) {
        if (healed) {
            return;
        }
        @Nullable SimNode target = target(fault);
        if (target == null) {
            return;
        }
        SimNode other = cluster.nodes().get(fault.other() % cluster.nodes().size());
        cluster.trace().tell(queue.now(), "", "", () -> fault + " hits " + target.id());
        cluster.coverage().count("fault." + fault.kind());
        switch (fault.kind()) {
            case CRASH, POWER_LOSS, POWER_LOSS_ALL, STOP, ROLLING_RESTART, PAUSE ->
                    strikeProcess(fault, target);
            case CUT_ONE_WAY,
                    CUT,
                    ISOLATE,
                    MINORITY,
                    DEAF,
                    MUTE,
                    BRIDGE,
                    RING,
                    FLAP,
                    SLOW_LINKS,
                    HOLD ->
                    links.strike(fault, target, other);
            case SLOW_DISK, STALLED_DISK, DISK_FULL -> strikeDisk(fault, target);
            case SYNC_ERROR,
                    DAMAGE_CONFIRMED,
                    DAMAGE_ANY,
                    DAMAGE_HARD_STATE,
                    DAMAGE_WATERMARK,
                    WIPE,
                    HOLD_PAST_WIPE ->
                    strikeMemory(fault, target);
            case CLOCK_JUMP -> target.jumpClock((long) ((fault.amount() - 0.6) * 100_000));
            case TRANSFER, FORCED_TRANSFER, CHANGE_QUORUM, SKIP_EVENT ->
                    command(fault, target, other);
        }
    }

    private @Nullable SimNode target(Fault fault) {
        if (fault.target() >= 0) {
            return cluster.nodes().get(fault.target());
        }
        PartitionId partition = partition(-1 - fault.target());
        @Nullable SimNode coordinator = cluster.coordinatorOf(partition);
        return coordinator == null ? cluster.replicasOf(partition).getFirst() : coordinator;
    }

    private PartitionId partition(int number) {
        return cluster.partitions().get(number % cluster.partitions().size());
    }

    private PartitionId partitionOf(Fault fault) {
        return fault.target() < 0
                ? partition(-1 - fault.target())
                : partition((int) (fault.amount() * 1_000));
    }

    private void restartLater(SimNode node, long nanos) {
        queue.after(nanos, () -> cluster.start(node));
    }

    private void strikeProcess(Fault fault, SimNode target) {
        switch (fault.kind()) {
            case CRASH -> {
                cluster.crash(target, false);
                restartLater(target, fault.forNanos());
            }
            case POWER_LOSS -> {
                cluster.crash(target, true);
                restartLater(target, fault.forNanos());
            }
            case POWER_LOSS_ALL -> {
                for (SimNode node : cluster.nodes()) {
                    cluster.crash(node, true);
                    restartLater(node, fault.forNanos() / (1 + node.index()));
                }
            }
            case STOP -> stop(target, fault.forNanos());
            case ROLLING_RESTART -> {
                long at = 0;
                for (SimNode node : cluster.nodes()) {
                    queue.after(at, () -> stop(node, SECOND));
                    at += 3 * SECOND;
                }
            }
            default -> {
                target.pause();
                queue.after(fault.forNanos(), target::resume);
            }
        }
    }

    private void stop(SimNode node, long downNanos) {
        if (healed || !node.isUp()) {
            return;
        }
        int during = node.generation();
        node.give((shard, now) -> shard.stop(now));
        queue.after(
                SECOND,
                () -> {
                    if (node.generation() == during && node.isUp()) {
                        if (!node.isStorageFailed()) {
                            node.store().close();
                        }
                        cluster.crash(node, false);
                    }
                });
        queue.after(SECOND + downNanos, () -> cluster.start(node));
    }

    private void strikeDisk(Fault fault, SimNode target) {
        switch (fault.kind()) {
            case SLOW_DISK -> {
                target.slowSyncs((long) (fault.amount() * SECOND / 2));
                queue.after(fault.forNanos(), () -> target.slowSyncs(0));
            }
            case STALLED_DISK -> target.stallUntil(queue.now() + fault.forNanos());
            default -> {
                target.store().setFull(true);
                queue.after(fault.forNanos(), () -> target.store().setFull(false));
            }
        }
    }

    private void strikeMemory(Fault fault, SimNode target) {
        PartitionId partition = partitionOf(fault);
        switch (fault.kind()) {
            case DAMAGE_CONFIRMED -> {
                if (cluster.memory().mayDamage(target, partition)) {
                    damage(target, partition, fault.amount(), true);
                }
            }
            case DAMAGE_WATERMARK -> {
                // Damage is repairable only where a watermark shows that it is confirmed.
                if (!target.store().isDamaged(partition)) {
                    target.store().damageWatermark(partition);
                }
            }
            case DAMAGE_HARD_STATE -> {
                boolean first = fault.amount() < 0.7;
                if (cluster.memory().mayLose(target)
                        || (!target.store().isDamaged(partition) && first)) {
                    if (target.store().damageHardState(partition, first)) {
                        cluster.memory().onLost(target, partition);
                    }
                    restart(target, fault.forNanos());
                }
            }
            default -> {
                if (!cluster.memory().mayLose(target)) {
                    return;
                }
                cluster.memory().onLost(target);
                loseMemory(fault, target, partition);
            }
        }
    }

    private void loseMemory(Fault fault, SimNode target, PartitionId partition) {
        switch (fault.kind()) {
            case SYNC_ERROR -> target.store().failNextSync(true);
            case DAMAGE_ANY -> {
                cluster.crash(target, fault.amount() < 0.5);
                damage(target, partition, 1 - fault.amount() * fault.amount(), false);
                restartLater(target, fault.forNanos());
            }
            case HOLD_PAST_WIPE -> {
                cluster.memory().expectLoss(target, true);
                links.holdPromises(target, fault.forNanos());
                queue.after(fault.forNanos() / 4, () -> wipe(target));
                queue.after(fault.forNanos() / 2, () -> cluster.start(target));
            }
            default -> {
                if (fault.amount() > 0.5) {
                    // The new disk knows no start, and the clock is behind the last one (H8).
                    target.jumpClock(-60_000);
                }
                wipe(target);
                restartLater(target, fault.forNanos());
            }
        }
    }

    private void restart(SimNode node, long downNanos) {
        if (!healed) {
            cluster.crash(node, false);
            restartLater(node, downNanos);
        }
    }

    private void wipe(SimNode node) {
        cluster.memory().expectLoss(node, false);
        if (healed) {
            return;
        }
        cluster.crash(node, true);
        node.store().wipe();
        cluster.memory().onLost(node);
    }

    private void damage(SimNode node, PartitionId partition, double place, boolean confirmed) {
        long index = node.store().damage(partition, place, confirmed);
        if (index > 0) {
            cluster.coverage().count("entriesDamaged");
            cluster.tell(node, () -> "index " + index + " of p" + partition + " is damaged");
        }
    }

    private void command(Fault fault, SimNode target, SimNode other) {
        PartitionId partition = partitionOf(fault);
        AdminCommand command =
                switch (fault.kind()) {
                    case TRANSFER ->
                            new AdminCommand.TransferCoordinator(
                                    partition, other.id(), false, this::onReply);
                    case FORCED_TRANSFER ->
                            new AdminCommand.TransferCoordinator(
                                    partition, target.id(), true, this::onReply);
                    case SKIP_EVENT ->
                            new AdminCommand.SkipEvent(
                                    partition,
                                    (long)
                                            (fault.amount()
                                                    * cluster.checker().chosenIndex(partition)),
                                    this::onReply);
                    default -> changeQuorum(fault, partition);
                };
        target.give((shard, now) -> shard.onCommand(command, now));
    }

    private AdminCommand changeQuorum(Fault fault, PartitionId partition) {
        int replicas = cluster.replicasOf(partition).size();
        // Losing W − 1 disks must stay harmless: W does not sink below what the plan counts on.
        int least = Math.min(replicas, Math.max(1, cluster.plan().lossDisksMax() + 1));
        int most = Math.max(least, replicas - cluster.plan().lossDisksMax());
        int write = least + (int) (fault.amount() * (most - least + 1));
        Quorum quorum = Quorum.forWrite(replicas, Math.min(write, most));
        return new AdminCommand.ChangeQuorum(
                partition, quorum.write(), quorum.takeover(), this::onReply);
    }

    private void onReply(CommandResult result) {
        cluster.coverage().count("command." + result.getClass().getSimpleName());
    }

    /// Ends all faults: links work, disks have space, every process runs.
    public void heal() {
        healed = true;
        links.end();
        cluster.network().heal();
        for (SimNode node : cluster.nodes()) {
            node.resume();
            node.slowSyncs(0);
            node.stallUntil(0);
            node.store().setFull(false);
            node.store().failNextSync(false);
            if (node.isUp() && node.isStorageFailed()) {
                cluster.crash(node, false);
            }
            cluster.start(node);
        }
    }
}
