package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.simulation.network.SimNetwork;
import io.ridgeline.simulation.plan.Fault;
import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.simulation.trace.MessageText;
import java.util.ArrayList;
import java.util.List;

/// Cuts, shapes, slowness and holds. Every cut is taken back by the fault that made it, unless all
/// are healed before.
public final class LinkFaults {
    private record Cut(int from, int to) {}

    private final Cluster cluster;
    private final EventQueue queue;
    private final SimNetwork network;
    private final Seeded random;
    private final int nodes;
    private boolean ended;

    LinkFaults(Cluster cluster) {
        this.cluster = cluster;
        this.queue = cluster.queue();
        this.network = cluster.network();
        this.random = cluster.split("linkFaults", 0);
        this.nodes = cluster.nodes().size();
    }

    void strike(Fault fault, SimNode target, SimNode other) {
        int a = target.index();
        int b = other.index();
        switch (fault.kind()) {
            case SLOW_LINKS -> slow(a, (long) (fault.amount() * 400_000_000), fault.forNanos());
            case FLAP -> flap(a, b, fault.forNanos(), (long) (20_000_000 + fault.amount() * 8e8));
            case HOLD -> hold(a, b, fault);
            default -> cutFor(cuts(fault, a, b), fault.forNanos());
        }
    }

    private List<Cut> cuts(Fault fault, int a, int b) {
        List<Cut> cuts = new ArrayList<>();
        for (int from = 0; from < nodes; from++) {
            for (int to = 0; to < nodes; to++) {
                if (from != to && isCut(fault, a, b, from, to)) {
                    cuts.add(new Cut(from, to));
                }
            }
        }
        return cuts;
    }

    private boolean isCut(Fault fault, int a, int b, int from, int to) {
        return switch (fault.kind()) {
            case CUT_ONE_WAY -> from == a && to == b;
            case CUT -> (from == a && to == b) || (from == b && to == a);
            case ISOLATE -> from == a || to == a;
            case MINORITY -> (from == a || from == b) != (to == a || to == b);
            case DEAF -> to == a;
            case MUTE -> from == a;
            case BRIDGE -> from != a && to != a && (from % 2 == 0) != (to % 2 == 0);
            case RING -> {
                int distance = Math.floorMod(from - to, nodes);
                yield distance != 1 && distance != nodes - 1;
            }
            default -> throw new IllegalArgumentException(fault.toString());
        };
    }

    private void cutFor(List<Cut> cuts, long nanos) {
        cuts.forEach(cut -> network.cut(cut.from(), cut.to(), true));
        queue.after(nanos, () -> mend(cuts));
    }

    private void mend(List<Cut> cuts) {
        if (!ended) {
            cuts.forEach(cut -> network.cut(cut.from(), cut.to(), false));
        }
    }

    private void flap(int a, int b, long nanos, long period) {
        long until = queue.now() + nanos;
        List<Cut> both = List.of(new Cut(a, b), new Cut(b, a));
        Runnable turn =
                new Runnable() {
                    @Override
                    public void run() {
                        if (!ended && queue.now() < until) {
                            cutFor(both, period / 2);
                            queue.after(period, this);
                        }
                    }
                };
        turn.run();
    }

    private void slow(int a, long by, long nanos) {
        for (int to = 0; to < nodes; to++) {
            int peer = to;
            network.slow(a, peer, by);
            queue.after(nanos, () -> network.slow(a, peer, 0));
        }
    }

    private void hold(int a, int b, Fault fault) {
        double share = 0.2 + 0.8 * fault.amount();
        SimNetwork.Hold hold =
                (from, to, _, _) ->
                        from == a && (to == b || a == b) && random.chance(share)
                                ? random.between(1_000_000_000L, 12_000_000_000L)
                                : 0;
        network.addHold(hold);
        queue.after(fault.forNanos() / 4, () -> network.removeHold(hold));
    }

    /// Holds all requests for promises to a node until after its disk was wiped.
    void holdPromises(SimNode target, long nanos) {
        SimNetwork.Hold hold =
                (_, to, _, message) ->
                        to == target.index()
                                        && MessageText.holds(
                                                message, PartitionMessage.TakeoverRequest.class)
                                ? nanos
                                : 0;
        network.addHold(hold);
        queue.after(nanos / 4, () -> network.removeHold(hold));
    }

    /// Cuts all links but those between some nodes; of the others each direction is cut by chance.
    public void cutAround(List<Integer> core, Seeded chance) {
        for (int from = 0; from < nodes; from++) {
            for (int to = 0; to < nodes; to++) {
                boolean within = core.contains(from) && core.contains(to);
                if (from != to && !within && chance.chance(0.6)) {
                    network.cut(from, to, true);
                }
            }
        }
        cluster.trace().tell(queue.now(), "", "", () -> "links work between " + core);
    }

    void end() {
        ended = true;
    }
}
