package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Another node of the cluster. Of its connections one carries the lanes: the one that both sides
/// prefer. What was queued for another is dropped, which the handler hears as a new connection.
final class Peer {
    private final NodeId node;
    private final PeerId peerId;
    private final P2pHost host;
    private final MessageHandler handler;
    private final Executor executor;
    private final long queueBytesMax;

    private final Map<P2pConnection, PeerLink> links = new LinkedHashMap<>();
    private final Map<HandshakeFailure, Long> failures = new EnumMap<>(HandshakeFailure.class);
    private final Delivery.Presence presence = new Delivery.Presence();
    private CompletionStage<@Nullable Void> previous = CompletableFuture.completedFuture(null);
    private volatile @Nullable PeerLink active;
    private long connectionsOpened;
    private long violations;
    private long bytesSent;
    private long bytesReceived;
    private long roundTripNanos = -1;

    Peer(
            NodeId node,
            PeerId peerId,
            P2pHost host,
            MessageHandler handler,
            Executor executor,
            long queueBytesMax) {
        this.node = node;
        this.peerId = peerId;
        this.host = host;
        this.handler = handler;
        this.executor = executor;
        this.queueBytesMax = queueBytesMax;
    }

    NodeId node() {
        return node;
    }

    PeerId peerId() {
        return peerId;
    }

    /// {@return the link that carries the lanes; null if there is no connection}
    @Nullable PeerLink active() {
        return active;
    }

    synchronized Optional<PeerLink> link(P2pConnection connection) {
        return Optional.ofNullable(links.get(connection));
    }

    synchronized void onOpened(P2pConnection connection) {
        connectionsOpened++;
        Delivery delivery = new Delivery(node, handler, executor, presence);
        links.put(connection, new PeerLink(host, connection, delivery, queueBytesMax));
        chooseLink();
    }

    synchronized void onClosed(P2pConnection connection, String reason) {
        PeerLink link = links.remove(connection);
        if (link == null) {
            return;
        }
        violations += connection.isCutOff() ? 1 : 0;
        P2pConnection.Traffic traffic = connection.traffic();
        bytesSent += traffic.bytesSent();
        bytesReceived += traffic.bytesReceived();
        // First: who hears of the end must not be able to send.
        if (link.equals(active)) {
            active = null;
        }
        link.end(reason, preferred() == null);
        chooseLink();
    }

    private @Nullable PeerLink preferred() {
        return host.connection(peerId).map(links::get).orElse(null);
    }

    private void chooseLink() {
        PeerLink next = preferred();
        PeerLink current = active;
        if (next == null || next.equals(current)) {
            // What the host prefers may not have been told to us yet.
            return;
        }
        if (next.hasEnded()) {
            // The host dials anew.
            next.connection().close("the connection that took over is gone");
            return;
        }
        if (current != null) {
            current.end("another connection took over", false);
        }
        active = next;
        next.begin(previous);
        previous = next.delivery().done();
    }

    synchronized void onFailed(HandshakeFailure failure) {
        failures.merge(failure, 1L, Long::sum);
    }

    synchronized TransportMetrics.PeerMetrics metrics() {
        long sent = bytesSent;
        long received = bytesReceived;
        for (P2pConnection each : links.keySet()) {
            P2pConnection.Traffic traffic = each.traffic();
            sent += traffic.bytesSent();
            received += traffic.bytesReceived();
            roundTripNanos =
                    traffic.roundTripNanos() >= 0 ? traffic.roundTripNanos() : roundTripNanos;
        }
        PeerLink current = active;
        return new TransportMetrics.PeerMetrics(
                node,
                peerId,
                links.size(),
                connectionsOpened,
                violations,
                sent,
                received,
                roundTripNanos,
                current == null ? 0 : current.queuedBytes(),
                failures);
    }
}
