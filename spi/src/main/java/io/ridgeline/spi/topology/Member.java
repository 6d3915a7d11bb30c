package io.ridgeline.spi.topology;

import io.ridgeline.spi.NodeId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// A node of the cluster, as far as it is known.
///
/// @param node its name
/// @param address where its transport listens, in the transport's own notation; empty if it needs
///   none
/// @param identity what the transport authenticates it by, in the transport's own notation; empty
///   if it needs none
/// @param labels placement labels such as `zone`; sorted by key
public record Member(NodeId node, String address, String identity, Map<String, String> labels) {
    public Member {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }
}
