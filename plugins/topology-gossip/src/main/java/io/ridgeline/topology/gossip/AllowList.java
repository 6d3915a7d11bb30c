package io.ridgeline.topology.gossip;

import io.ridgeline.spi.NodeId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who may join, by name and identity; empty if whoever has the cluster key may.
record AllowList(SortedMap<NodeId, String> identities) {
    AllowList {
        identities = Collections.unmodifiableSortedMap(new TreeMap<>(identities));
    }

    /// {@return the list in `name=identity,…`}
    ///
    /// @throws IllegalArgumentException saying which part is wrong
    static AllowList parse(String text) {
        SortedMap<NodeId, String> identities = new TreeMap<>();
        if (text.isBlank()) {
            return new AllowList(identities);
        }
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String identity = part.substring(equals + 1).trim();
            if (equals < 1 || identity.isEmpty()) {
                throw new IllegalArgumentException("\"" + part.trim() + "\" is not one");
            }
            NodeId node = new NodeId(part.substring(0, equals).trim());
            if (identities.containsValue(identity)) {
                throw new IllegalArgumentException(identity + " is there twice");
            }
            if (identities.put(node, identity) != null) {
                throw new IllegalArgumentException(node + " is there twice");
            }
        }
        return new AllowList(identities);
    }

    boolean isEmpty() {
        return identities.isEmpty();
    }

    /// {@return the identity that a name must have; null if the list does not say}
    @Nullable String identityOf(NodeId node) {
        return identities.get(node);
    }
}
