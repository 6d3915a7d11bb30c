package io.ridgeline.runtime.cluster;

import io.ridgeline.spi.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// Says which nodes hold which partition: a pure function of the founding facts, so that nodes that
/// never spoke come to the same result.
///
/// Replicas lie in as many zones as there are, then on the nodes that have the fewest; of equal
/// ones, those that share the fewest partitions with the replicas already chosen, so that the load
/// of a lost node falls on many. Zones come before balance: a small zone holds more per node.
final class Assignment {
    private final int partitions;
    private final int replicas;
    private final List<Founder> members;
    private final int[] zoneOf;
    private final int[] replicasOf;
    private final int[] firstsOf;
    private final int[][] shared;
    private final int[][] chosen;

    private Assignment(Founding founding) {
        partitions = founding.partitions();
        members = founding.members();
        int count = members.size();
        replicas = Math.min(founding.replicas(), count);
        List<String> zones =
                List.copyOf(new TreeSet<>(members.stream().map(Founder::zone).toList()));
        zoneOf = members.stream().mapToInt(each -> zones.indexOf(each.zone())).toArray();
        replicasOf = new int[count];
        firstsOf = new int[count];
        shared = new int[count][count];
        chosen = new int[partitions][];
    }

    /// {@return for each partition the nodes that hold it, in order of preference}
    static List<List<NodeId>> of(Founding founding) {
        Assignment made = new Assignment(founding);
        made.chooseReplicas();
        made.chooseFirsts();
        return made.result();
    }

    private void chooseReplicas() {
        for (int partition = 0; partition < partitions; partition++) {
            int[] nodes = new int[replicas];
            int[] inZone = new int[members.size()];
            for (int place = 0; place < replicas; place++) {
                int next = best(partition, Arrays.copyOf(nodes, place), inZone);
                nodes[place] = next;
                inZone[zoneOf[next]]++;
            }
            for (int node : nodes) {
                replicasOf[node]++;
                for (int other : nodes) {
                    shared[node][other]++;
                }
            }
            chosen[partition] = nodes;
        }
    }

    private int best(int partition, int[] taken, int[] inZone) {
        int best = -1;
        for (int step = 0; step < members.size(); step++) {
            int node = (partition + step) % members.size();
            if (Arrays.stream(taken).noneMatch(each -> each == node)
                    && (best < 0 || isBetter(node, best, taken, inZone))) {
                best = node;
            }
        }
        return best;
    }

    private boolean isBetter(int node, int than, int[] taken, int[] inZone) {
        int byZone = Integer.compare(inZone[zoneOf[node]], inZone[zoneOf[than]]);
        int byReplicas = Integer.compare(replicasOf[node], replicasOf[than]);
        int byShared = Integer.compare(sharedWith(node, taken), sharedWith(than, taken));
        return (byZone != 0 ? byZone : byReplicas != 0 ? byReplicas : byShared) < 0;
    }

    private int sharedWith(int node, int[] taken) {
        return Arrays.stream(taken).map(each -> shared[node][each]).sum();
    }

    private void chooseFirsts() {
        for (int[] nodes : chosen) {
            int first = 0;
            for (int place = 1; place < nodes.length; place++) {
                if (firstsOf[nodes[place]] < firstsOf[nodes[first]]) {
                    first = place;
                }
            }
            moveToFront(nodes, nodes[first]);
            firstsOf[nodes[0]]++;
        }
        while (evenOut()) {
            // Each round takes one partition from the node that is first in the most.
        }
    }

    /// Passes the first place along a chain of partitions from a node that has it too often to one
    /// that has it at least two times less.
    private boolean evenOut() {
        for (int from = 0; from < members.size(); from++) {
            int[] via = chains(from);
            for (int to = 0; to < members.size(); to++) {
                if (via[to] >= 0 && firstsOf[to] + 2 <= firstsOf[from]) {
                    firstsOf[from]--;
                    firstsOf[to]++;
                    pass(to, from, via);
                    return true;
                }
            }
        }
        return false;
    }

    /// {@return for each node a partition whose first place it could take, on the way from the
    /// given node; -1 if there is no way}
    private int[] chains(int from) {
        int[] via = new int[members.size()];
        Arrays.fill(via, -1);
        List<Integer> reached = new ArrayList<>(List.of(from));
        for (int i = 0; i < reached.size(); i++) {
            for (int partition = 0; partition < partitions; partition++) {
                if (chosen[partition][0] != reached.get(i)) {
                    continue;
                }
                for (int node : chosen[partition]) {
                    if (node != from && via[node] < 0) {
                        via[node] = partition;
                        reached.add(node);
                    }
                }
            }
        }
        return via;
    }

    private void pass(int to, int from, int[] via) {
        int node = to;
        while (node != from) {
            int partition = via[node];
            int giver = chosen[partition][0];
            moveToFront(chosen[partition], node);
            node = giver;
        }
    }

    private static void moveToFront(int[] nodes, int node) {
        int place = 0;
        while (nodes[place] != node) {
            place++;
        }
        System.arraycopy(nodes, 0, nodes, 1, place);
        nodes[0] = node;
    }

    private List<List<NodeId>> result() {
        List<List<NodeId>> all = new ArrayList<>(partitions);
        for (int[] nodes : chosen) {
            all.add(Arrays.stream(nodes).mapToObj(each -> members.get(each).node()).toList());
        }
        return List.copyOf(all);
    }
}
