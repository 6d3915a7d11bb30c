package io.ridgeline.simulation.cluster;

import io.ridgeline.simulation.network.SimNetwork;
import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import java.util.List;

/// Connections, as a transport would report them: made while a link works in both directions, kept
/// for a while when it does not, lost when the peer's process ends.
final class Links {
    private static final long TICK_NANOS = 300_000_000;

    private final EventQueue queue;
    private final SimNetwork network;
    private final List<SimNode> nodes;
    private final Seeded random;

    /// The generation of `to` that `from` is connected to; 0 for none.
    private final int[] connected;

    Links(EventQueue queue, SimNetwork network, List<SimNode> nodes, Seeded random) {
        this.queue = queue;
        this.network = network;
        this.nodes = nodes;
        this.random = random;
        this.connected = new int[nodes.size() * nodes.size()];
        queue.after(TICK_NANOS, this::tick);
    }

    boolean isConnected(int from, int to) {
        return connected[from * nodes.size() + to] != 0;
    }

    void onStarted(SimNode node) {
        for (SimNode peer : nodes) {
            if (peer != node) {
                connected[node.index() * nodes.size() + peer.index()] = 0;
                check(node, peer);
                check(peer, node);
            }
        }
    }

    void onEnded(SimNode node) {
        int during = node.generation();
        for (SimNode peer : nodes) {
            // A reset reaches the peer soon, or never, as with a power cut.
            if (peer != node && random.chance(0.6)) {
                queue.after(
                        random.between(100_000L, 20_000_000L),
                        () -> {
                            if (node.generation() == during) {
                                disconnect(peer, node);
                            }
                        });
            }
        }
    }

    private void tick() {
        for (SimNode from : nodes) {
            for (SimNode to : nodes) {
                if (from != to) {
                    check(from, to);
                }
            }
        }
        queue.after(TICK_NANOS, this::tick);
    }

    private void check(SimNode from, SimNode to) {
        if (!from.isUp()) {
            return;
        }
        int place = from.index() * nodes.size() + to.index();
        boolean dead =
                network.isCut(from.index(), to.index()) && network.isCut(to.index(), from.index());
        boolean works =
                to.isUp()
                        && !network.isCut(from.index(), to.index())
                        && !network.isCut(to.index(), from.index());
        if (works && connected[place] != to.generation()) {
            disconnect(from, to);
            connected[place] = to.generation();
            from.give((shard, now) -> shard.onConnected(to.id(), now));
        } else if ((dead || !to.isUp()) && random.chance(0.3)) {
            disconnect(from, to);
        }
    }

    private void disconnect(SimNode from, SimNode to) {
        int place = from.index() * nodes.size() + to.index();
        if (connected[place] != 0 && from.isUp()) {
            connected[place] = 0;
            from.give((shard, now) -> shard.onDisconnected(to.id(), now));
        }
    }
}
