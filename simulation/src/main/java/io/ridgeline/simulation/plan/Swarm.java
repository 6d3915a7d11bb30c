package io.ridgeline.simulation.plan;

import io.ridgeline.simulation.network.NetworkProfile;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.quorum.Quorum;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Makes a plan of a seed: each seed picks which faults there are, how often, and all sizes, so
/// that rare mixes occur (swarm testing, Groce et al. 2012).
public final class Swarm {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;
    private static final int[] NODES = {3, 3, 3, 3, 3, 5, 5, 4, 2, 1, 7};

    private Swarm() {}

    /// {@return the plan of a seed}
    public static SimPlan plan(long seed) {
        return plan(seed, false);
    }

    /// {@return the plan of a seed, over the storage plugin if asked}
    public static SimPlan plan(long seed, boolean fileStorage) {
        Seeded random = new Seeded(seed).split("plan", 0);
        Seeded sizes = random.split("sizes", 0);
        int nodes = NODES[sizes.between(0, NODES.length - 1)];
        int partitions = sizes.between(1, nodes >= 5 ? 2 : 3);
        List<List<Integer>> replicas = new ArrayList<>();
        int least = nodes;
        for (int p = 0; p < partitions; p++) {
            List<Integer> members = members(sizes, nodes);
            least = Math.min(least, members.size());
            replicas.add(members);
        }
        int write = sizes.chance(0.7) ? 0 : sizes.between(1, least);
        boolean reckless = sizes.chance(fileStorage ? 0.5 : 0.12);
        int lossMax = Integer.MAX_VALUE;
        for (List<Integer> members : replicas) {
            Quorum quorum = quorum(members.size(), write);
            int spare = members.size() - Math.max(quorum.write(), quorum.takeover());
            lossMax =
                    Math.min(
                            lossMax,
                            Math.min(quorum.write() - 1, reckless ? 99 : Math.min(1, spare)));
        }
        if (fileStorage && !reckless) {
            // What a restart would remember of a readmission cannot be seen in bytes.
            lossMax = 0;
        }
        boolean duels = sizes.chance(0.35);
        long faultNanos = sizes.spread(3 * SECOND, duels ? 8 * SECOND : 25 * SECOND);
        int clients = sizes.between(1, 4);
        long think = sizes.spread((duels ? 4 : 20) * MILLI, (duels ? 60 : 500) * MILLI);
        int appends = (int) Math.min(120, 2 + faultNanos / think);
        NetworkProfile network = network(random.split("network", 0));
        Seeded faulty = random.split("faults", 0);
        List<Fault> faults =
                duels
                        ? Duels.faults(faulty, nodes, partitions, faultNanos, lossMax)
                        : faults(faulty, nodes, partitions, faultNanos, lossMax);
        return new SimPlan(
                seed,
                nodes,
                replicas,
                write,
                clients,
                appends,
                think,
                sizes.between(1, 6),
                faultNanos,
                sizes.chance(0.5) ? 2 : 1,
                sizes.spread(MILLI / 10, 8 * MILLI),
                syncs(sizes.chance(0.5), seed),
                sizes.chance(0.35),
                lossMax,
                !reckless,
                fileStorage,
                network,
                faults);
    }

    private static Syncs syncs(boolean overlapping, long seed) {
        if (!overlapping) {
            return Syncs.BLOCKING;
        }
        return seed % 2 == 1 ? Syncs.OVERLAPPING_BY_NAME : Syncs.OVERLAPPING;
    }

    private static List<Integer> members(Seeded random, int nodes) {
        List<Integer> members = new ArrayList<>();
        int count = random.chance(0.8) ? nodes : random.between(1, nodes);
        for (int node = 0; node < nodes; node++) {
            members.add(node);
        }
        while (members.size() > count) {
            int place = random.between(0, members.size() - 1);
            members.subList(place, place + 1).clear();
        }
        return List.copyOf(members);
    }

    /// {@return the quorum of a partition}
    public static Quorum quorum(int replicas, int writeQuorum) {
        int write = writeQuorum == 0 ? replicas / 2 + 1 : Math.min(writeQuorum, replicas);
        return Quorum.forWrite(replicas, write);
    }

    private static NetworkProfile network(Seeded random) {
        long delay = random.spread(MILLI / 20, 5 * MILLI);
        return new NetworkProfile(
                delay,
                random.spread(delay / 10, 3 * delay),
                random.chance(0.5) ? 0 : random.nextDouble() * 0.1,
                random.chance(0.6) ? 0 : random.nextDouble() * 0.1,
                random.chance(0.6) ? 0 : random.nextDouble() * 0.2,
                random.chance(0.7) ? 0 : random.nextDouble() * 0.02,
                random.between(2 * SECOND, 15 * SECOND));
    }

    private static List<Fault> faults(
            Seeded random, int nodes, int partitions, long faultNanos, int lossMax) {
        List<FaultKind> kinds = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            boolean possible =
                    switch (kind) {
                        case SYNC_ERROR, DAMAGE_ANY, WIPE, HOLD_PAST_WIPE -> lossMax > 0;
                        case DAMAGE_CONFIRMED -> nodes > 1;
                        default -> true;
                    };
            // One draw per kind, so that a new kind does not change the others.
            boolean picked = random.split(kind.name(), 0).chance(0.3);
            if (possible && picked) {
                kinds.add(kind);
            }
        }
        if (kinds.isEmpty()) {
            return List.of();
        }
        int count = (int) random.spread(1, 20);
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Seeded one = random.split("fault", i);
            FaultKind kind = kinds.get(one.between(0, kinds.size() - 1));
            boolean aimed = one.chance(0.4);
            int target = aimed ? -1 - one.between(0, partitions - 1) : one.between(0, nodes - 1);
            faults.add(
                    new Fault(
                            kind,
                            one.between(SECOND / 2, faultNanos),
                            one.spread(20 * MILLI, 8 * SECOND),
                            target,
                            one.between(0, nodes - 1),
                            one.nextDouble()));
        }
        faults.sort(Comparator.comparingLong(Fault::atNanos));
        return faults;
    }
}
