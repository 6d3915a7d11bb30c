package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.tck.Ports;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Nodes on loopback with identities and free ports.
final class TestCluster implements AutoCloseable {
    static final long QUEUE_BYTES = 1024 * 1024;

    private final Map<NodeId, IdentityKey> identities = new LinkedHashMap<>();
    private final Map<NodeId, Integer> ports = new LinkedHashMap<>();
    private final List<Libp2pTransport> transports = new ArrayList<>();

    TestCluster(NodeId... nodes) {
        for (NodeId node : nodes) {
            identities.put(node, IdentityKey.generate());
            ports.put(node, Ports.tcp());
        }
    }

    IdentityKey identity(NodeId node) {
        return Objects.requireNonNull(identities.get(node));
    }

    InetSocketAddress socket(NodeId node) {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Objects.requireNonNull(ports.get(node)));
    }

    Member member(NodeId node) {
        return TestTopology.member(node, socket(node).getPort(), identity(node).peerId());
    }

    ClusterView view(NodeId self, NodeId... others) {
        List<Member> members = new ArrayList<>();
        members.add(member(self));
        for (NodeId other : others) {
            members.add(member(other));
        }
        return new ClusterView(self, members);
    }

    Libp2pTransport transport(NodeId node, TestTopology topology) {
        return transport(node, topology, QUEUE_BYTES);
    }

    Libp2pTransport transport(NodeId node, TestTopology topology, long queueBytes) {
        Libp2pTransport transport =
                new Libp2pTransport(
                        identity(node),
                        HostOptions.of(socket(node)),
                        new TransportOptions(
                                queueBytes, Duration.ofMillis(20), Duration.ofMillis(200)),
                        topology);
        transports.add(transport);
        return transport;
    }

    @Override
    public void close() {
        transports.forEach(Libp2pTransport::close);
    }
}
