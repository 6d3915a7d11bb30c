package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Says in the words of the SPI what a transport has counted.
final class Meters {
    private static final double NANOS_PER_SECOND = 1e9;

    private final List<Meter> meters = new ArrayList<>();

    private Meters() {}

    static List<Meter> of(TransportMetrics metrics) {
        Meters all = new Meters();
        metrics.peers().forEach(all::add);
        metrics.inboundFailures()
                .forEach((cause, count) ->
                        all.counter(
                                "inbound.failures",
                                "Connections from outside that did not come to be",
                                count,
                                "cause",
                                cause.name()));
        return List.copyOf(all.meters);
    }

    private void add(TransportMetrics.PeerMetrics peer) {
        String name = peer.node().name();
        gauge("peer.connections", "Connections to the peer", peer.connections(), name);
        counter(
                "peer.connections.opened",
                "Connections to the peer that there have been",
                (double) peer.connectionsOpened(),
                "peer",
                name);
        counter(
                "peer.violations",
                "Connections to the peer that were cut off because it broke a protocol or a limit",
                (double) peer.violations(),
                "peer",
                name);
        counter(
                "peer.sent.bytes",
                "Bytes sent to the peer",
                (double) peer.bytesSent(),
                "peer",
                name);
        counter(
                "peer.received.bytes",
                "Bytes received from the peer",
                (double) peer.bytesReceived(),
                "peer",
                name);
        gauge(
                "peer.queued.bytes",
                "What waits to be sent to the peer",
                (double) peer.queuedBytes(),
                name);
        if (peer.roundTripNanos() >= 0) {
            gauge(
                    "peer.round.trip.seconds",
                    "Round trip of the last ping",
                    peer.roundTripNanos() / NANOS_PER_SECOND,
                    name);
        }
        peer.dialFailures()
                .forEach((cause, count) ->
                        counter(
                                "peer.dial.failures",
                                "Dials of the peer that failed",
                                count,
                                "peer",
                                name,
                                "cause",
                                cause.name()));
    }

    private void gauge(String name, String description, double value, String peer) {
        meters.add(new Meter(name, description, false, tags("peer", peer), value));
    }

    private void counter(String name, String description, double value, String... tags) {
        meters.add(new Meter(name, description, true, tags(tags), value));
    }

    private static SortedMap<String, String> tags(String... pairs) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            tags.put(pairs[i], pairs[i + 1]);
        }
        return tags;
    }
}
