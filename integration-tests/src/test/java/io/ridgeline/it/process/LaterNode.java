package io.ridgeline.it.process;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.transport.libp2p.lane.Libp2pTransport;
import io.ridgeline.transport.libp2p.lane.TransportOptions;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Stands in for a node of a cluster that does not run, as one of a later release: it has the
/// node's identity and place, and says of itself what its peers say of themselves, apart from its
/// name and the protocol versions that it speaks. It says nothing else.
public final class LaterNode implements AutoCloseable {
    /// What every hello begins with, its version included.
    private static final int HELLO_KIND = 0x52;

    private static final int NAME_AT = 3;

    private final byte[] name;
    private final byte[] versions;
    private final Libp2pTransport transport;

    private record Members(ClusterView view) implements Topology {
        @Override
        public void onChange(Consumer<ClusterView> listener) {
            // They stay the same.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /// Takes the node's place.
    public LaterNode(LocalCluster cluster, int number, int lowest, int highest) {
        name = ("n" + number).getBytes(StandardCharsets.US_ASCII);
        versions = new byte[] {(byte) lowest, (byte) highest};
        List<Member> members =
                cluster.numbers().stream().map(each -> member(cluster, each)).toList();
        transport =
                new Libp2pTransport(
                        cluster.key(number),
                        HostOptions.of(cluster.clusterAddress(number)),
                        new TransportOptions(
                                1 << 20, Duration.ofMillis(100), Duration.ofSeconds(1)),
                        new Members(new ClusterView(new NodeId("n" + number), members)));
        transport.start(new Greeter());
    }

    private static Member member(LocalCluster cluster, int number) {
        InetSocketAddress address = cluster.clusterAddress(number);
        return new Member(
                new NodeId("n" + number),
                "/ip4/127.0.0.1/tcp/" + address.getPort(),
                cluster.key(number).peerId().toString(),
                Map.of());
    }

    private final class Greeter implements MessageHandler {
        @Override
        public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
            if ((message.get(message.position()) & 0xFF) != HELLO_KIND) {
                return;
            }
            byte[] hello = new byte[message.remaining()];
            message.get(hello);
            System.arraycopy(name, 0, hello, NAME_AT, name.length);
            System.arraycopy(versions, 0, hello, hello.length - 2, 2);
            boolean taken = transport.send(from, Lane.CONTROL, ByteBuffer.wrap(hello));
            if (!taken) {
                throw new IllegalStateException("not connected to " + from);
            }
            transport.flush();
        }

        @Override
        public void onConnected(NodeId peer) {
            // The peer greets first.
        }

        @Override
        public void onDisconnected(NodeId peer) {
            // It dials again by itself.
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}
