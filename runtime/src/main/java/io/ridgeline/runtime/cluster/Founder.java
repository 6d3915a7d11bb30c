package io.ridgeline.runtime.cluster;

import io.ridgeline.spi.NodeId;

/// A node that a cluster was founded with.
///
/// @param node its name
/// @param zone what it may be lost together with: a rack, a hall, a data centre; empty if not said
public record Founder(NodeId node, String zone) implements Comparable<Founder> {
    /// The label of a member that names its zone.
    public static final String ZONE = "zone";

    @Override
    public int compareTo(Founder other) {
        return node.compareTo(other.node);
    }
}
