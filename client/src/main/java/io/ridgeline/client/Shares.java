package io.ridgeline.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntFunction;

/// Deals partitions out to nodes that hold them.
final class Shares {
    private Shares() {}

    /// Gives each partition to that of its nodes which has the fewest by then. Partitions with the
    /// least choice come first, so that the others can make up for them.
    ///
    /// @param candidates the nodes that can take a partition; one without any is left out
    /// @param load how many partitions each node has already; those that are missing have none
    /// @return what each node is given
    static <N> Map<N, SortedSet<Integer>> deal(
            SortedSet<Integer> partitions, IntFunction<List<N>> candidates, Map<N, Integer> load) {
        Map<N, Integer> carried = new LinkedHashMap<>(load);
        Map<N, SortedSet<Integer>> dealt = new LinkedHashMap<>();
        List<Integer> order = new ArrayList<>(partitions);
        order.sort(Comparator.comparingInt(each -> candidates.apply(each).size()));
        for (int partition : order) {
            candidates.apply(partition).stream()
                    .min(Comparator.comparingInt(node -> carried.getOrDefault(node, 0)))
                    .ifPresent(node -> {
                        carried.merge(node, 1, Integer::sum);
                        dealt.computeIfAbsent(node, it -> new TreeSet<>()).add(partition);
                    });
        }
        return dealt;
    }
}
