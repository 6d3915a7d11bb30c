package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a node keeps of its cluster over restarts.
///
/// @param incarnation that it had when this was written; it may have raised it since
/// @param vote its own; empty before it has voted
/// @param labels its own when this was written
/// @param founders what the cluster was founded with; empty before that is settled
/// @param others states of the other members
record Memory(
        long incarnation,
        List<Long> vote,
        SortedMap<String, String> labels,
        SortedMap<NodeId, SortedMap<String, String>> founders,
        List<SignedState> others) {
    /// What a node with an empty data folder keeps.
    static final Memory NONE =
            new Memory(0, List.of(), new TreeMap<>(), new TreeMap<>(), List.of());

    Memory {
        vote = List.copyOf(vote);
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        founders = Collections.unmodifiableSortedMap(new TreeMap<>(founders));
        others = List.copyOf(others);
    }
}
