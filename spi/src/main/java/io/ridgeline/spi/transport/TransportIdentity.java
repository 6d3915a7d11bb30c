package io.ridgeline.spi.transport;

import java.util.List;

/// What the peers of a node need to know of it, in the transport's own notation.
///
/// @param identity what peers authenticate the node by; a member's `identity` in the topology
/// @param addresses where peers may reach it, the most likely first; candidates for a member's
///   `address`
public record TransportIdentity(String identity, List<String> addresses) {
    public TransportIdentity {
        addresses = List.copyOf(addresses);
    }
}
