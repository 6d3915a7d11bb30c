package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.util.List;
import java.util.Map;

/// Counters of a transport at one moment.
///
/// @param peers the other nodes of the cluster, by name
/// @param inboundFailures connections from outside that did not come to be, by cause
public record TransportMetrics(
        List<PeerMetrics> peers, Map<HandshakeFailure, Long> inboundFailures) {
    public TransportMetrics {
        peers = List.copyOf(peers);
        inboundFailures = Map.copyOf(inboundFailures);
    }

    /// Counters of one peer.
    ///
    /// @param node its name
    /// @param peerId its identity
    /// @param connections how many there are now; one carries messages
    /// @param connectionsOpened how many there have been
    /// @param violations how many of them were cut off for what the peer did
    /// @param bytesSent bytes on the wire, in all connections
    /// @param bytesReceived bytes on the wire, in all connections
    /// @param roundTripNanos of the last ping; -1 if there was none
    /// @param queuedBytes what waits to be sent
    /// @param dialFailures our dials that failed, by cause
    public record PeerMetrics(
            NodeId node,
            PeerId peerId,
            int connections,
            long connectionsOpened,
            long violations,
            long bytesSent,
            long bytesReceived,
            long roundTripNanos,
            long queuedBytes,
            Map<HandshakeFailure, Long> dialFailures) {
        public PeerMetrics {
            dialFailures = Map.copyOf(dialFailures);
        }
    }
}
