package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The connections that are ready, by peer.
final class ConnectionTable {
    /// More of one peer are not of use to anyone.
    private static final int PER_PEER_MAX = 4;

    private final PeerId self;
    private final Map<PeerId, List<MuxedConnection>> byPeer = new TreeMap<>();

    ConnectionTable(PeerId self) {
        this.self = self;
    }

    /// {@return whether there was room}
    synchronized boolean add(MuxedConnection connection) {
        List<MuxedConnection> list =
                byPeer.computeIfAbsent(connection.remotePeerId(), _ -> new ArrayList<>());
        if (list.size() >= PER_PEER_MAX) {
            return false;
        }
        list.add(connection);
        return true;
    }

    synchronized boolean remove(MuxedConnection connection) {
        List<MuxedConnection> list = byPeer.get(connection.remotePeerId());
        if (list == null || !list.remove(connection)) {
            return false;
        }
        if (list.isEmpty()) {
            byPeer.remove(connection.remotePeerId());
        }
        return true;
    }

    synchronized List<MuxedConnection> all() {
        return byPeer.values().stream().flatMap(List::stream).toList();
    }

    synchronized List<MuxedConnection> of(PeerId peer) {
        return List.copyOf(byPeer.getOrDefault(peer, List.of()));
    }

    /// Two that dial each other at once get two connections, and both have to choose the same one:
    /// that of the smaller PeerId. Of one side's connections the newest: it would not have dialled
    /// if it still knew of an older one.
    synchronized Optional<MuxedConnection> preferred(PeerId peer) {
        boolean oursFirst = self.compareTo(peer) < 0;
        MuxedConnection best = null;
        for (MuxedConnection each : byPeer.getOrDefault(peer, List.of())) {
            if (best == null || each.initiator() == oursFirst || best.initiator() != oursFirst) {
                best = each;
            }
        }
        return Optional.ofNullable(best);
    }
}
