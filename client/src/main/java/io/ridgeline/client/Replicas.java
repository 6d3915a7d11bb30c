package io.ridgeline.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which nodes hold which partition, as a server said last.
///
/// @param nodes per partition those whose address is known; empty if nothing is known
/// @param areSpread whether it is known that no node holds everything
record Replicas(SortedMap<Integer, List<Node>> nodes, boolean areSpread) {
    static final Replicas UNKNOWN = Replicas.of(new TreeMap<>());

    static Replicas of(SortedMap<Integer, List<Node>> nodes) {
        Map<Node, Integer> held = new HashMap<>();
        nodes.values().forEach(each -> each.forEach(node -> held.merge(node, 1, Integer::sum)));
        boolean spread =
                !nodes.isEmpty() && held.values().stream().noneMatch(it -> it == nodes.size());
        return new Replicas(Collections.unmodifiableSortedMap(new TreeMap<>(nodes)), spread);
    }

    boolean areKnown() {
        return !nodes.isEmpty();
    }

    /// {@return all partitions}
    SortedSet<Integer> partitions() {
        return new TreeSet<>(nodes.keySet());
    }

    /// {@return the nodes that hold a partition; empty if they are not known}
    List<Node> of(int partition) {
        return nodes.getOrDefault(partition, List.of());
    }

    /// {@return those of the partitions that a node holds}
    SortedSet<Integer> heldBy(Node node, SortedSet<Integer> partitions) {
        SortedSet<Integer> held = new TreeSet<>(partitions);
        held.removeIf(partition -> !of(partition).contains(node));
        return held;
    }

    /// {@return the nodes that hold one of the partitions, each once}
    List<Node> ofAny(SortedSet<Integer> partitions) {
        List<Node> all = new ArrayList<>();
        for (int partition : partitions) {
            for (Node node : of(partition)) {
                if (!all.contains(node)) {
                    all.add(node);
                }
            }
        }
        return all;
    }
}
