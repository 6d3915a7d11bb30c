package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The members of a view, as this transport reads them: identities are PeerIds, addresses are
/// multiaddrs. It is the allow list: who is not in it gets no connection.
final class Directory {

    /// Another node.
    record Entry(NodeId node, PeerId peerId, Multiaddr address) {}

    private final SequencedMap<NodeId, Entry> byNode = new TreeMap<>();
    private final Map<PeerId, Entry> byPeerId = new TreeMap<>();

    /// @param self our own identity, which the view has to agree with
    /// @throws ConfigurationException if a member cannot be reached or told apart
    Directory(ClusterView view, PeerId self) {
        for (Member member : view.members()) {
            boolean isSelf = member.node().equals(view.self());
            if (isSelf && member.identity().isEmpty()) {
                continue;
            }
            PeerId peerId = identity(member);
            if (isSelf) {
                if (!peerId.equals(self)) {
                    throw new ConfigurationException(
                            "member "
                                    + member.node()
                                    + " is this node, with identity "
                                    + peerId
                                    + " in the topology but "
                                    + self
                                    + " in its identity file");
                }
                continue;
            }
            Entry entry = new Entry(member.node(), peerId, address(member, peerId));
            Entry other = byPeerId.put(peerId, entry);
            if (other != null || peerId.equals(self)) {
                throw new ConfigurationException(
                        "member "
                                + member.node()
                                + " has the identity of "
                                + (other == null ? "this node" : other.node())
                                + ": "
                                + peerId);
            }
            byNode.put(member.node(), entry);
        }
    }

    private static PeerId identity(Member member) {
        try {
            return PeerId.parse(member.identity());
        } catch (MalformedException e) {
            throw refused(member, "identity", member.identity(), "a PeerId, 12D3KooW…", e);
        }
    }

    private static Multiaddr address(Member member, PeerId peerId) {
        String expected = "a multiaddr such as /dns4/node-1/tcp/4001";
        Multiaddr address;
        try {
            address = Multiaddr.parse(member.address());
        } catch (MalformedException e) {
            throw refused(member, "address", member.address(), expected, e);
        }
        if (!reachable(address, peerId)) {
            throw refused(
                    member,
                    "address",
                    member.address(),
                    expected + ", with no other PeerId than " + peerId,
                    null);
        }
        return address;
    }

    /// {@return whether a peer can be dialled at an address}
    ///
    /// @throws MalformedException if it is none
    static boolean reachable(String address, PeerId peerId) {
        return reachable(Multiaddr.parse(address), peerId);
    }

    private static boolean reachable(Multiaddr address, PeerId peerId) {
        return address.tcpSocket().filter(socket -> socket.getPort() != 0).isPresent()
                && address.peerId().orElse(peerId).equals(peerId);
    }

    private static ConfigurationException refused(
            Member member, String what, String found, String expected, @Nullable Exception cause) {
        ConfigurationException refusal =
                new ConfigurationException(what + " of member " + member.node(), found, expected);
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }

    boolean allows(PeerId peerId) {
        return byPeerId.containsKey(peerId);
    }

    SequencedMap<NodeId, Entry> byNode() {
        return byNode;
    }
}
