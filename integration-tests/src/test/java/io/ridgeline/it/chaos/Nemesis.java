package io.ridgeline.it.chaos;

import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.SmallDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// Does to a cluster what happens to clusters, one or two things at a time, as its seed has it.
///
/// At most one disk is ever lost: with two of a partition's three the promises end.
final class Nemesis {
    private final LocalCluster cluster;
    private final Network network;
    private final Random random;
    private final int nodes;

    /// By the node's number; none if the disks cannot be filled.
    private final Map<Integer, SmallDisk> disks;

    private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);

    /// What it can do.
    enum Fault {
        KILL,
        KILL_THE_COORDINATOR,
        KILL_ALL,
        STOP_IN_ORDER,
        PAUSE,
        CUT_OFF_ONE,
        CUT_OFF_THE_COORDINATOR,
        CUT_ONE_WAY,
        CUT_A_RING,
        SLOW_LINKS,
        RESET_CONNECTIONS,
        SHIFT_A_CLOCK,
        FILL_A_DISK,
        WIPE_ONE,
        KILL_TWO,
        CUT_IN_TWO
    }

    /// Of three nodes two are all that a write needs, and one alone is cut off already.
    private static final Set<Fault> OF_MORE_THAN_THREE =
            EnumSet.of(Fault.KILL_TWO, Fault.CUT_IN_TWO);

    Nemesis(LocalCluster cluster, Network network, Map<Integer, SmallDisk> disks, Random random) {
        this.cluster = cluster;
        this.network = network;
        this.disks = disks;
        this.random = random;
        this.nodes = cluster.numbers().size();
    }

    /// Does it for about that long, and leaves everything whole.
    void rage(Duration howLong) throws InterruptedException {
        long end = System.nanoTime() + howLong.toNanos();
        List<Fault> all = new ArrayList<>(List.of(Fault.values()));
        if (!LocalCluster.canShiftClocks()) {
            System.out.println("chaos: no clock is shifted, for want of libfaketime");
            all.remove(Fault.SHIFT_A_CLOCK);
        }
        if (nodes <= 3) {
            all.removeAll(OF_MORE_THAN_THREE);
        }
        if (disks.isEmpty()) {
            all.remove(Fault.FILL_A_DISK);
        }
        while (System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(2_500));
            Fault fault = all.get(random.nextInt(all.size()));
            if (fault == Fault.WIPE_ONE) {
                all.remove(fault);
            }
            int victim =
                    fault == Fault.KILL_THE_COORDINATOR || fault == Fault.CUT_OFF_THE_COORDINATOR
                            ? coordinator()
                            : 1 + random.nextInt(nodes);
            System.out.println("chaos: " + fault + " n" + victim);
            inflict(fault, victim);
            done.merge(fault, 1, Integer::sum);
        }
        network.heal();
    }

    /// {@return how often it did what}
    Map<Fault, Integer> done() {
        return done;
    }

    private void inflict(Fault fault, int victim) throws InterruptedException {
        switch (fault) {
            case KILL, KILL_THE_COORDINATOR -> {
                cluster.kill(victim);
                last();
                cluster.restart(victim);
            }
            case KILL_ALL -> {
                cluster.numbers().forEach(cluster::kill);
                cluster.numbers().forEach(cluster::launch);
                cluster.numbers().forEach(cluster::awaitReady);
            }
            case STOP_IN_ORDER -> {
                cluster.terminate(victim);
                cluster.restart(victim);
            }
            case PAUSE -> {
                cluster.pause(victim);
                last();
                cluster.resume(victim);
            }
            case CUT_OFF_ONE, CUT_OFF_THE_COORDINATOR -> {
                for (int other : others(victim)) {
                    network.cut(victim, other);
                    network.cut(other, victim);
                }
                last();
                heal();
            }
            case CUT_ONE_WAY -> {
                boolean deaf = random.nextBoolean();
                for (int other : others(victim)) {
                    network.cut(deaf ? other : victim, deaf ? victim : other);
                }
                last();
                heal();
            }
            case CUT_A_RING -> {
                // Everybody hears only the one before: with three nodes a link less for each.
                for (int node : cluster.numbers()) {
                    for (int other : others(node)) {
                        if (other != node % nodes + 1) {
                            network.cut(node, other);
                        }
                    }
                }
                last();
                heal();
            }
            case SLOW_LINKS -> {
                int millis = 5 + random.nextInt(100);
                for (int other : others(victim)) {
                    network.slow(victim, other, millis);
                    network.slow(other, victim, millis);
                }
                last();
                heal();
            }
            case RESET_CONNECTIONS -> network.reset();
            case SHIFT_A_CLOCK -> {
                cluster.kill(victim);
                cluster.shiftClock(victim, random.nextInt(7_200) - 3_600);
                cluster.restart(victim);
            }
            case FILL_A_DISK -> {
                SmallDisk disk = Objects.requireNonNull(disks.get(victim));
                disk.fill();
                last();
                if (random.nextBoolean()) {
                    cluster.kill(victim);
                    cluster.restart(victim);
                    last();
                }
                disk.free();
            }
            case WIPE_ONE -> {
                cluster.kill(victim);
                cluster.wipe(victim);
                cluster.restart(victim);
            }
            case KILL_TWO -> {
                List<Integer> both = List.of(victim, victim % nodes + 1);
                both.forEach(cluster::kill);
                last();
                both.forEach(cluster::launch);
                both.forEach(cluster::awaitReady);
            }
            case CUT_IN_TWO -> {
                // The smaller half begins with the victim.
                Set<Integer> half = new TreeSet<>();
                for (int i = 0; i < nodes / 2; i++) {
                    half.add((victim - 1 + i) % nodes + 1);
                }
                for (int node : half) {
                    for (int other : others(node)) {
                        if (!half.contains(other)) {
                            network.cut(node, other);
                            network.cut(other, node);
                        }
                    }
                }
                last();
                heal();
            }
        }
    }

    private int coordinator() {
        return cluster.coordinators(cluster.anyRunning()).values().stream()
                .filter(number -> number > 0)
                .findFirst()
                .orElse(1);
    }

    private List<Integer> others(int victim) {
        return cluster.numbers().stream().filter(number -> number != victim).toList();
    }

    private void last() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(4_500));
    }

    private void heal() {
        if (random.nextInt(3) == 0) {
            network.reset();
        }
        network.heal();
    }
}
