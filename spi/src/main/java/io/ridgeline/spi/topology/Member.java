package io.ridgeline.spi.topology;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A node of the cluster, as far as it is known.
///
/// @param node its name
/// @param address where its transport listens, in the transport's own notation; empty if it needs
///   none
/// @param identity what the transport authenticates it by, in the transport's own notation; empty
///   if it needs none
/// @param labels placement labels such as `zone`; sorted by key
/// @param startedAt when its run began, in milliseconds since 1970, by its own clock (R-CO-1); 0 if
///   this topology does not know
/// @param versions of the protocol between nodes that it speaks; null if this topology does not
///   know
/// @param health how it is
public record Member(
        NodeId node,
        String address,
        String identity,
        Map<String, String> labels,
        long startedAt,
        @Nullable ProtocolVersions versions,
        Health health) {
    public Member {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /// A member of which only is known what is configured.
    public Member(NodeId node, String address, String identity, Map<String, String> labels) {
        this(node, address, identity, labels, 0, null, Health.UNKNOWN);
    }
}
