package io.ridgeline.transport.libp2p.tcp;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// How many may come in: in all, before their handshake, and before it from one address.
final class Admission {
    private final HostOptions options;
    private final Map<InetAddress, Integer> halfOpenByAddress = new HashMap<>();
    private int connections;
    private int halfOpen;

    Admission(HostOptions options) {
        this.options = options;
    }

    /// {@return whether one more may come in; it then counts as half open}
    synchronized boolean enter(InetAddress from) {
        int fromThere = halfOpenByAddress.getOrDefault(from, 0);
        if (connections >= options.connectionsMax()
                || halfOpen >= options.halfOpenMax()
                || fromThere >= options.halfOpenPerAddressMax()) {
            return false;
        }
        connections++;
        halfOpen++;
        halfOpenByAddress.put(from, fromThere + 1);
        return true;
    }

    /// The upgrade is over, one way or the other.
    synchronized void onUpgradeOver(InetAddress from) {
        halfOpen--;
        halfOpenByAddress.computeIfPresent(from, (_, count) -> count == 1 ? null : count - 1);
    }

    /// The connection is gone.
    synchronized void leave() {
        connections--;
    }

    /// {@return inbound connections, ready or not}
    synchronized int connections() {
        return connections;
    }

    /// {@return inbound connections that are not ready yet}
    synchronized int halfOpen() {
        return halfOpen;
    }
}
