package io.ridgeline.transport.libp2p.identify;

import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import java.util.List;

/// What a connected peer has said of itself.
///
/// @param agent its software
/// @param protocolVersion its family of protocols
/// @param addresses where it says that it listens
/// @param protocols what it speaks; may change at any time
/// @param observed where it sees us: hints, never to be trusted
public record PeerInfo(
        String agent,
        String protocolVersion,
        List<Multiaddr> addresses,
        List<String> protocols,
        List<Multiaddr> observed) {
    static final PeerInfo UNKNOWN = new PeerInfo("", "", List.of(), List.of(), List.of());

    public PeerInfo {
        addresses = List.copyOf(addresses);
        protocols = List.copyOf(protocols);
        observed = List.copyOf(observed);
    }

    PeerInfo updated(IdentifyMessage message) {
        return new PeerInfo(
                message.agentVersion().orElse(agent),
                message.protocolVersion().orElse(protocolVersion),
                message.addresses().isEmpty() ? addresses : message.addresses(),
                message.protocols().isEmpty() ? protocols : message.protocols(),
                message.observed().map(List::of).orElse(observed));
    }
}
