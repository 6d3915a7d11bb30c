package io.ridgeline.client;

import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.api.v1.NodeAddress;
import io.ridgeline.api.v1.PartitionCoordinator;
import io.ridgeline.api.v1.PartitionReplicas;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The servers that are known, and which to ask. Starts with those that the user named and learns
/// the others from their answers.
final class Nodes {
    /// Beyond it nothing more is learnt: a cluster is smaller, and an error must not fill the
    /// memory.
    private static final int COUNT_MAX = 256;

    private final CopyOnWriteArrayList<Node> nodes = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<String, Node> byName = new ConcurrentHashMap<>();
    private final Function<String, Node> factory;

    private final Detours detours = new Detours();

    private volatile Routes routes = Routes.unknown();
    private volatile Replicas replicas = Replicas.UNKNOWN;
    private volatile int preferred;
    private volatile boolean closed;

    Nodes(List<String> addresses, Function<String, Node> factory) {
        this.factory = factory;
        for (String address : addresses) {
            byAddress(address);
        }
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("no server given");
        }
    }

    List<Node> all() {
        return nodes;
    }

    /// {@return a node worth trying now, best the one that the slot's writes were sent to last;
    /// null if all are to be left alone for a while}
    @Nullable Node forSlot(int slot, long nowNanos) {
        Node hinted = routes.ofSlot(slot);
        if (hinted != null && nanosUntilUsable(hinted, slot, nowNanos) == 0) {
            return hinted;
        }
        Node any = any(nowNanos);
        if (any == null || nanosUntilUsable(any, slot, nowNanos) == 0) {
            return any;
        }
        for (Node node : nodes) {
            if (nanosUntilUsable(node, slot, nowNanos) == 0) {
                return node;
            }
        }
        return null;
    }

    /// Sends writes of the slot's partition another way for so long: the node does not get through
    /// to its coordinator. All others still go to the node.
    ///
    /// @param partition as the node named it; null if it did not
    void detour(Node node, int slot, @Nullable Integer partition, long nowNanos, long nanos) {
        detours.take(
                node, slot, partition == null ? partitionOf(slot) : partition, nowNanos, nanos);
        routes.forget(slot, node);
    }

    /// {@return a node worth trying now; null if all are to be left alone for a while}
    @Nullable Node any(long nowNanos) {
        int count = nodes.size();
        int first = preferred;
        for (int i = 0; i < count; i++) {
            int place = (first + i) % count;
            Node node = nodes.get(place);
            if (node.isUsable(nowNanos)) {
                if (i > 0) {
                    preferred = place;
                }
                return node;
            }
        }
        return null;
    }

    /// Turns to another node for what comes next, because this one answered but cannot serve.
    void avoid(Node node) {
        int place = nodes.indexOf(node);
        if (place == preferred) {
            preferred = (place + 1) % nodes.size();
        }
    }

    long nanosUntilUsable(long nowNanos) {
        long soonest = Long.MAX_VALUE;
        for (Node node : nodes) {
            soonest = Math.min(soonest, node.nanosUntilUsable(nowNanos));
        }
        return soonest;
    }

    /// {@return how long it takes until some node is worth trying with the slot's writes}
    long nanosUntilUsable(int slot, long nowNanos) {
        long soonest = Long.MAX_VALUE;
        for (Node node : nodes) {
            soonest = Math.min(soonest, nanosUntilUsable(node, slot, nowNanos));
        }
        return soonest;
    }

    private long nanosUntilUsable(Node node, int slot, long nowNanos) {
        return Math.max(
                node.nanosUntilUsable(nowNanos),
                detours.nanosLeft(node, slot, partitionOf(slot), nowNanos));
    }

    boolean allUnreachable() {
        for (Node node : nodes) {
            if (!node.isUnreachable()) {
                return false;
            }
        }
        return true;
    }

    /// {@return the failure of a call that no server can be found for}
    Failure unreachable() {
        StringBuilder message = new StringBuilder();
        for (Node node : nodes) {
            message.append(message.isEmpty() ? "" : "; ").append(node.problem());
        }
        return Failure.of(ErrorCode.UNAVAILABLE, Outcome.NOTHING_HAPPENED, message.toString());
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
        nodes.forEach(it -> it.channel.shutdownNow());
    }

    @Nullable Node named(String name) {
        return byName.get(name);
    }

    void route(int slot, Node node) {
        routes.routeSlot(slot, node);
    }

    /// Learns from an answer who coordinates a partition.
    ///
    /// @return whether that was of use
    boolean learn(PartitionCoordinator coordinator) {
        Node node = coordinator.getAddress().isEmpty() ? null : byAddress(coordinator.getAddress());
        if (node == null) {
            return false;
        }
        byName.put(coordinator.getNode(), node);
        routes.routePartition(coordinator.getPartition(), node);
        return routes.hasPartitions();
    }

    /// Learns the way from slots to nodes.
    void learn(GetRoutingResponse routing) {
        try {
            routes = Routes.of(routing);
        } catch (IllegalArgumentException e) {
            // The servers send everything on; it only takes longer.
            return;
        }
        routing.getCoordinatorsList().forEach(this::learn);
        learnReplicas(routing);
    }

    private void learnReplicas(GetRoutingResponse routing) {
        for (NodeAddress each : routing.getNodesList()) {
            Node node = each.getAddress().isEmpty() ? null : byAddress(each.getAddress());
            if (node != null) {
                byName.put(each.getNode(), node);
            }
        }
        SortedMap<Integer, List<Node>> known = new TreeMap<>();
        for (PartitionReplicas each : routing.getReplicasList()) {
            List<Node> holding = new ArrayList<>();
            for (String name : each.getNodesList()) {
                // It may be known from before, if the server that answered has just started.
                Node node = byName.get(name);
                if (node != null) {
                    holding.add(node);
                }
            }
            known.put(each.getPartition(), List.copyOf(holding));
        }
        if (!known.isEmpty()) {
            replicas = Replicas.of(known);
        }
    }

    /// {@return which nodes hold which partition, as a server said last}
    Replicas replicas() {
        return replicas;
    }

    /// {@return all partitions; none while they are not known}
    SortedSet<Integer> partitions() {
        return routes.partitions();
    }

    /// {@return the partition that holds a slot; null if it is not known}
    @Nullable Integer partitionOf(int slot) {
        return routes.partitionOf(slot);
    }

    /// Sends no writes to a node until a server names it again.
    void forget(Node node) {
        routes.forget(node);
    }

    /// Learns where the members are.
    void learn(GetStatusResponse status) {
        for (MemberStatus member : status.getMembersList()) {
            if (!member.getClientAddress().isEmpty()) {
                Node node = byAddress(member.getClientAddress());
                if (node != null) {
                    byName.put(member.getNode(), node);
                }
            }
        }
    }

    /// {@return the node at an address that a server gave; null if there is no room for it}
    @Nullable Node at(String address) {
        return byAddress(address);
    }

    private synchronized @Nullable Node byAddress(String address) {
        for (Node node : nodes) {
            if (node.address.equals(address)) {
                return node;
            }
        }
        if (nodes.size() >= COUNT_MAX) {
            return null;
        }
        Node node;
        try {
            node = factory.apply(address);
        } catch (IllegalArgumentException e) {
            // What a server advertises may be wrong; there are others.
            return null;
        }
        nodes.add(node);
        return node;
    }
}
