package io.ridgeline.spi.topology;

import io.ridgeline.spi.NodeId;
import java.util.List;
import java.util.Optional;

/// The members of the cluster at one time, this node included, sorted by node id.
///
/// Who may vote in a partition stands in that partition's log, never here: a view says where a
/// message may be sent, not whether its sender is right.
///
/// @param self this node
/// @param members all members
/// @param founders those that the cluster is founded with, labelled as they were then; the same in
///   all views of all nodes, or they found different clusters. Sorted by node id
public record ClusterView(NodeId self, List<Member> members, List<Member> founders) {
    public ClusterView {
        members = sorted(members);
        founders = sorted(founders);
        if (members.stream().noneMatch(member -> member.node().equals(self))) {
            throw new IllegalArgumentException("this node, " + self + ", is not among the members");
        }
    }

    /// A view in which all members found the cluster.
    public ClusterView(NodeId self, List<Member> members) {
        this(self, members, members);
    }

    private static List<Member> sorted(List<Member> members) {
        List<Member> sorted =
                members.stream().sorted((a, b) -> a.node().compareTo(b.node())).toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i - 1).node().equals(sorted.get(i).node())) {
                throw new IllegalArgumentException("two members are named " + sorted.get(i).node());
            }
        }
        return sorted;
    }

    /// {@return the member of that name}
    public Optional<Member> member(NodeId node) {
        return members.stream().filter(member -> member.node().equals(node)).findFirst();
    }
}
