package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.yamux.YamuxLimits;
import java.net.InetSocketAddress;
import java.time.Duration;

/// How a host behaves, and what strangers and peers may cost it.
///
/// @param listen where to listen; port 0 takes a free one
/// @param loopThreads threads that carry connections
/// @param connectTimeout for a TCP connection
/// @param upgradeTimeout from there until streams can be opened, whatever trickles in
/// @param progressTimeout within the upgrade, from one message to the next
/// @param keepAliveInterval between two pings on a connection
/// @param keepAliveTimeout for an answer to a ping; without it the connection ends
/// @param connectionsMax inbound connections, ready or not
/// @param halfOpenMax inbound connections that are not ready yet
/// @param halfOpenPerAddressMax the same per remote address
/// @param streamsMax inbound streams of all connections together
/// @param yamux limits of one connection
public record HostOptions(
        InetSocketAddress listen,
        int loopThreads,
        Duration connectTimeout,
        Duration upgradeTimeout,
        Duration progressTimeout,
        Duration keepAliveInterval,
        Duration keepAliveTimeout,
        int connectionsMax,
        int halfOpenMax,
        int halfOpenPerAddressMax,
        int streamsMax,
        YamuxLimits yamux) {

    /// {@return the defaults for an address}
    public static HostOptions of(InetSocketAddress listen) {
        return new HostOptions(
                listen,
                Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                256,
                64,
                32,
                4_096,
                YamuxLimits.DEFAULT);
    }
}
