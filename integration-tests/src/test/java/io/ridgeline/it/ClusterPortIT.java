package io.ridgeline.it;

import static io.ridgeline.transport.libp2p.tcp.RawPeer.DATA;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.NOTHING;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.PING;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.RST;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.SYN;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.WINDOW;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.it.events.History;
import io.ridgeline.it.load.ClusterLoad;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import io.ridgeline.transport.libp2p.tcp.RawPeer;
import io.ridgeline.transport.libp2p.tcp.TcpHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The cluster port of nodes that serve, in the hands of those who should not have it: strangers,
/// and a member that has turned. They are cut off, and nobody notices but whoever reads metrics.
///
/// What exactly is refused, and as what, is the subject of the transport's own tests.
class ClusterPortIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration TIMEOUT = Duration.ofSeconds(4);

    /// Nobody is borne with for longer, whether he says nonsense or nothing; most of it is for a
    /// busy machine.
    private static final Duration BORNE = TIMEOUT.plusSeconds(11);

    private static final int STRANGERS = 20;
    private static final int SILENT = 3_000;

    /// Limits that docs/operations.md speaks of.
    private static final int CONNECTIONS_MAX = 256;

    private static final int MEMBER_CONNECTIONS_MAX = 4;

    private static final long GROWTH_BYTES_MAX = 64 << 20;
    private static final int GROWTH_FILES_MAX = 16;
    private static final int WRITES = 20;

    private static final byte CONTROL_LANE = 1;
    private static final byte BULK_LANE = 3;

    /// Varints of 8 MiB and of 19 MiB.
    private static final byte[] LONG = {(byte) 0x80, (byte) 0x80, (byte) 0x80, 4};

    private static final byte[] TOO_LONG = {(byte) 0x80, (byte) 0x80, (byte) 0xe0, 9};

    /// Where n1 believes n3 to be; reached, it is somebody else.
    private static TcpHost impostor;

    private static LocalCluster cluster;
    private static ClusterLoad load;

    private SortedMap<Integer, Long> epochs;
    private List<Long> bytes;
    private List<Integer> files;

    /// What somebody does at a port.
    private interface Abuse {
        void at(RawPeer peer) throws IOException;
    }

    @BeforeAll
    static void start() {
        impostor =
                new TcpHost(
                        IdentityKey.generate(),
                        HostOptions.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        _ -> true);
        impostor.start();
        int wrong = impostor.listenAddresses().getFirst().tcpSocket().orElseThrow().getPort();
        cluster =
                LocalCluster.of(
                                Checkout.folder(ClusterPortIT.class, "cluster"),
                                3,
                                (from, to, port) -> from == 1 && to == 3 ? wrong : port,
                                plan ->
                                        plan.with(
                                                "ridgeline.transport.libp2p.handshake-timeout",
                                                TIMEOUT.toSeconds() + "s"))
                        .start();
        load = ClusterLoad.start(cluster.addresses(), 1, Duration.ofSeconds(30));
        load.awaitMore(1_000);
    }

    @AfterAll
    static void stop() {
        try (LocalCluster nodes = cluster;
                ClusterLoad writes = load) {
            writes.finish();
            for (Node node : nodes.nodes()) {
                writes.settle(History.of(node.events()));
            }
        } finally {
            impostor.stop();
        }
    }

    @BeforeEach
    void rememberHowTheClusterIs() {
        epochs = epochs();
        bytes = cluster.nodes().stream().map(Node::anonymousBytes).toList();
        files = cluster.nodes().stream().map(Node::openFiles).toList();
    }

    @AfterEach
    void theClusterIsAsItWas() {
        cluster.check(() -> {
            serves();
            for (int i = 0; i < bytes.size(); i++) {
                Node node = cluster.nodes().get(i);
                int before = files.get(i);
                Awaitility.await("the files of a node")
                        .atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .until(() -> node.openFiles() < before + GROWTH_FILES_MAX);
            }
            load.awaitMore(WRITES);
        });
    }

    /// Writes are acknowledged, by those who coordinated before, who have not grown.
    private void serves() {
        load.awaitMore(WRITES);
        assertThat(epochs()).as("epochs").isEqualTo(epochs);
        for (int i = 0; i < bytes.size(); i++) {
            Node node = cluster.nodes().get(i);
            assertThat(node.anonymousBytes() - bytes.get(i))
                    .as("growth of n%s", i + 1)
                    .isLessThan(GROWTH_BYTES_MAX);
            assertThat(node.openFiles() - files.get(i))
                    .isLessThan(CONNECTIONS_MAX + GROWTH_FILES_MAX);
        }
    }

    private static SortedMap<Integer, Long> epochs() {
        SortedMap<Integer, Long> epochs = new TreeMap<>();
        for (PartitionStatus each : cluster.status(1).getPartitionsList()) {
            epochs.put(each.getPartition(), each.getEpoch());
        }
        return epochs;
    }

    private static double refused(int number, String cause) {
        return cluster.node(number)
                .metric("ridgeline_transport_inbound_failures_total", "cause=\"" + cause + "\"");
    }

    private static double violations(int number) {
        return cluster.node(number)
                .metric("ridgeline_transport_peer_violations_total", "peer=\"n3\"");
    }

    private static void awaitCount(String what, DoubleSupplier count, double goal) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .until(() -> count.getAsDouble() >= goal);
    }

    private static void isCutOff(int number, Abuse abuse) throws IOException {
        isCutOff(new RawPeer(cluster.clusterAddress(number)), abuse);
    }

    /// Fails unless the node ends the connection in time.
    private static void isCutOff(RawPeer connected, Abuse abuse) throws IOException {
        long begun = System.nanoTime();
        try (RawPeer peer = connected) {
            try {
                abuse.at(peer);
            } catch (IOException e) {
                // It may be cut off before it has said all.
                assertThat(e).isNotNull();
            }
            assertThat(peer.isCutOff()).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(BORNE);
    }

    @Test
    void strangersAreRefused() {
        cluster.check(() -> {
            try {
                for (int number : cluster.numbers()) {
                    refuseStrangers(number);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void refuseStrangers(int number) throws IOException {
        SortedMap<String, Double> before = new TreeMap<>();
        for (String cause : List.of("NOT_ALLOWED", "NEGOTIATION", "MALFORMED", "CLOSED")) {
            before.put(cause, refused(number, cause));
        }
        for (int i = 0; i < STRANGERS; i++) {
            isCutOff(number, peer -> peer.secure(IdentityKey.generate()));
        }
        isCutOff(number, peer -> peer.say("GET / HTTP/1.1\r\n".repeat(9)));
        isCutOff(number, peer -> peer.say("\u00ff\u00ff\u007f"));
        isCutOff(number, peer -> peer.negotiate().say("\u00ff\u00ff").say(new byte[200_000]));
        isCutOff(
                number,
                peer -> {
                    byte[] key = new byte[32];
                    key[0] = 9;
                    peer.negotiate().sayFrame(key).hearFrame();
                    peer.sayFrame(new byte[40]);
                });
        try (RawPeer peer = new RawPeer(cluster.clusterAddress(number))) {
            IdentityKey other = IdentityKey.generate();
            assertThatThrownBy(() -> peer.secure(cluster.key(3), other.peerId()))
                    .hasMessageContaining("expected " + other.peerId());
        }
        before.forEach((cause, count) -> {
            int more =
                    switch (cause) {
                        case "NOT_ALLOWED" -> STRANGERS;
                        case "CLOSED" -> 1;
                        default -> 2;
                    };
            awaitCount(cause, () -> refused(number, cause), count + more);
        });
        serves();
    }

    @Test
    void connectionsThatSayNothingAreFewAndEndAndDoNotKeepOthersOut() {
        cluster.check(() -> {
            List<Socket> silent = new ArrayList<>();
            try {
                double refused = refused(1, "OVERLOADED");
                double ended = refused(1, "TIMEOUT");
                for (int i = 0; i < SILENT; i++) {
                    silent.add(fromElsewhere(cluster.clusterAddress(1)));
                }
                awaitCount(
                        "refusals",
                        () -> refused(1, "OVERLOADED"),
                        refused + SILENT - CONNECTIONS_MAX);
                serves();
                double strangers = refused(1, "NOT_ALLOWED");
                isCutOff(1, peer -> peer.secure(IdentityKey.generate()));
                awaitCount("a stranger", () -> refused(1, "NOT_ALLOWED"), strangers + 1);

                awaitCount(
                        "the ends of those that were let in",
                        () -> refused(1, "OVERLOADED") + refused(1, "TIMEOUT"),
                        refused + ended + SILENT);
                assertThat(refused(1, "TIMEOUT")).isGreaterThan(ended);
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                silent.forEach(ClusterPortIT::close);
            }
        });
    }

    /// A connection from another address than the one that the nodes have.
    private static Socket fromElsewhere(InetSocketAddress to) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress("127.0.0.2", 0));
        socket.connect(to, 20_000);
        return socket;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aMemberThatTurnsIsCutOffAndIsWelcomeAgain() {
        cluster.check(() -> {
            cluster.terminate(3);
            load.awaitMore(WRITES);
            rememberHowTheClusterIs();
            try {
                for (int number : List.of(1, 2)) {
                    bearWithATurnedMember(number);
                }
                // Whoever answers at its address is not believed either.
                assertThat(
                                cluster.node(1)
                                        .metric(
                                                "ridgeline_transport_peer_dial_failures_total",
                                                "peer=\"n3\"",
                                                "cause=\"WRONG_PEER\""))
                        .isPositive();
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                cluster.restart(3);
            }
            Awaitility.await("the member")
                    .atMost(PATIENCE)
                    .until(() ->
                            cluster.numbers().stream()
                                    .allMatch(number ->
                                            cluster.status(number).getMembersList().stream()
                                                    .allMatch(each ->
                                                            each.getState().equals("alive"))));
            rememberHowTheClusterIs();
        });
    }

    private void bearWithATurnedMember(int number) throws IOException {
        double before = violations(number);
        List<Abuse> violations =
                List.of(
                        peer -> peer.sayFrame(new byte[64]),
                        peer -> peer.sayInside("no yamux at all".getBytes(US_ASCII)),
                        peer -> peer.sayYamux(DATA, SYN, 1, -1, NOTHING),
                        ClusterPortIT::pingFlood,
                        ClusterPortIT::streamFlood,
                        peer -> lane(peer, (byte) 9),
                        peer -> lane(peer, BULK_LANE, TOO_LONG),
                        peer -> {
                            lane(peer, CONTROL_LANE);
                            lane(peer, CONTROL_LANE);
                        });
        for (Abuse each : violations) {
            isCutOff(member(number), each);
        }
        awaitCount("violations", () -> violations(number), before + violations.size());
        serves();
        holdAsMuchAsItMay(number);

        // It agrees on no lane and answers no ping, and so it is as good as dead.
        isCutOff(member(number), _ -> {});
        serves();
    }

    private static void pingFlood(RawPeer peer) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            peer.sayYamux(PING, SYN, 0, i, NOTHING);
        }
    }

    private static void streamFlood(RawPeer peer) throws IOException {
        for (int i = 0; i < 100_000; i++) {
            int id = 2 * i + 1;
            peer.sayYamux(WINDOW, SYN, id, 0, NOTHING).sayYamux(WINDOW, RST, id, 0, NOTHING);
        }
    }

    /// Messages of 8 MiB that never end, on each lane of as many connections as a member may have.
    private void holdAsMuchAsItMay(int number) throws IOException {
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < MEMBER_CONNECTIONS_MAX; i++) {
                RawPeer peer = member(number);
                peers.add(peer);
                for (byte lane = CONTROL_LANE; lane <= BULK_LANE; lane++) {
                    lane(peer, lane, LONG);
                }
            }
            isCutOff(number, peer -> peer.secure(cluster.key(3)));
            serves();
        } finally {
            for (RawPeer each : peers) {
                each.close();
            }
        }
    }

    /// Connects as n3 and hears that it was taken for it. A dial of the node's own that leads to
    /// the impostor may cross the connection, and an honest member would dial again, too.
    private static RawPeer member(int number) {
        return Awaitility.await("being taken for n3")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(
                        () -> {
                            RawPeer peer = new RawPeer(cluster.clusterAddress(number));
                            try {
                                peer.secure(cluster.key(3)).hearInside();
                                return peer;
                            } catch (IOException e) {
                                peer.close();
                                throw e;
                            }
                        },
                        _ -> true);
    }

    /// Opens a stream for Ridgeline's own protocol and says something on it.
    private static void lane(RawPeer peer, byte lane, byte... said) throws IOException {
        String protocol = "/ridgeline/replication/1\n";
        ByteBuffer all = ByteBuffer.allocate(256);
        all.put(RawPeer.MULTISTREAM.getBytes(US_ASCII));
        all.put((byte) protocol.length()).put(protocol.getBytes(US_ASCII));
        all.put(lane).put(said).flip();
        byte[] body = new byte[all.remaining()];
        all.get(body);
        peer.sayYamux(DATA, SYN, peer.nextStream(), body.length, body);
    }
}
