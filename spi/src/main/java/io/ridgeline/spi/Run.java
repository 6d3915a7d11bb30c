package io.ridgeline.spi;

import java.util.Comparator;

/// One life of a node's process. Ordered by preference: the older run first, then the lower node id
/// (R-CO-2).
///
/// @param node the node
/// @param startedAt milliseconds since 1970, but at least one more than the node ever had or heard
///   from a peer, so a restarted node is the youngest, whatever its clock does (R-CO-1)
public record Run(NodeId node, long startedAt) implements Comparable<Run> {
    private static final Comparator<Run> PREFERENCE =
            Comparator.comparingLong(Run::startedAt).thenComparing(Run::node);

    @Override
    public int compareTo(Run other) {
        return PREFERENCE.compare(this, other);
    }

    @Override
    public String toString() {
        return node + "@" + startedAt;
    }
}
