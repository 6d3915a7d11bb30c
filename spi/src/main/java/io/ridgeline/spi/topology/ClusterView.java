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
public record ClusterView(NodeId self, List<Member> members) {
    public ClusterView {
        members = members.stream().sorted((a, b) -> a.node().compareTo(b.node())).toList();
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i - 1).node().equals(members.get(i).node())) {
                throw new IllegalArgumentException(
                        "two members are named " + members.get(i).node());
            }
        }
        if (members.stream().noneMatch(member -> member.node().equals(self))) {
            throw new IllegalArgumentException("this node, " + self + ", is not among the members");
        }
    }

    /// {@return the member of that name}
    public Optional<Member> member(NodeId node) {
        return members.stream().filter(member -> member.node().equals(node)).findFirst();
    }
}
