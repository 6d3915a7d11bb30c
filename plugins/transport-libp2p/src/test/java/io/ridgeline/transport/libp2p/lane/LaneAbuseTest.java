package io.ridgeline.transport.libp2p.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import io.ridgeline.transport.libp2p.tcp.RawPeer;
import io.ridgeline.transport.libp2p.tcp.TcpHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A member of the cluster that speaks libp2p well, but our own protocol badly.
class LaneAbuseTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");

    private final TestCluster cluster = new TestCluster(A, B);
    private final Listening atA = new Listening(true, 0);
    private final Libp2pTransport a = cluster.transport(A, new TestTopology(cluster.view(A, B)));
    private final TcpHost b =
            new TcpHost(
                    cluster.identity(B),
                    HostOptions.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                    _ -> true);
    private P2pConnection connection;

    /// A lane as the other side of the cluster would open it; accepts all, credits included.
    private static final class Raw implements ProtocolBinding<P2pStream>, StreamReader {
        @Override
        public List<String> announce() {
            return List.of(LaneProtocol.ID);
        }

        @Override
        public CompletionStage<P2pStream> init(P2pStream stream, boolean initiator) {
            stream.reader(this);
            return CompletableFuture.completedFuture(stream);
        }

        @Override
        public void onData(ByteBuffer data) {}

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(String reason) {}
    }

    @BeforeEach
    void connect() {
        a.start(atA);
        b.addProtocol(new Raw());
        connection =
                b.connect(cluster.identity(A).peerId(), a.listenAddresses())
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join();
        await().until(() -> atA.events.contains("+b"));
    }

    @AfterEach
    void stop() {
        atA.bulkAllowed.release(1_000);
        cluster.close();
        b.stop();
    }

    private P2pStream lane() {
        return b.newStream(connection, new Raw())
                .controller()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static void say(P2pStream stream, ByteBuffer... data) {
        stream.connection().execute(() -> stream.write(data));
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length);
        for (int value : values) {
            out.put((byte) value);
        }
        return out.flip();
    }

    private void isCutOff() {
        await().until(() -> connection.closed().toCompletableFuture().isDone());
        await().until(() -> atA.events.contains("-b"));
        assertThat(violations()).isOne();
    }

    private long violations() {
        return a.metrics().peers().getFirst().violations();
    }

    @Test
    void whoFollowsTheProtocolIsHeard() {
        say(lane(), bytes(1), bytes(4, 0, 0, 0, 42));

        await().until(() -> atA.numbers(Lane.CONTROL).equals(List.of(42)));
    }

    @Test
    void whoLeavesIsNotCutOff() {
        connection.close("bye");

        await().until(() -> atA.events.contains("-b"));
        assertThat(violations()).isZero();
    }

    /// Lanes are opened once: over the first connection nothing would be heard any more.
    @Test
    void whenTheConnectionThatTookOverDiesTheFirstIsClosed() throws IOException {
        try (RawPeer second = new RawPeer(cluster.socket(A)).secure(cluster.identity(B))) {
            // It is asked who it is, and so it is up at the other end.
            second.hearInside();
        }

        await().until(() -> connection.closed().toCompletableFuture().isDone());
        connection =
                b.connect(cluster.identity(A).peerId(), a.listenAddresses())
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join();
        await().until(() -> a.send(B, Lane.CONTROL, bytes(42)));
        assertThat(violations()).isZero();
    }

    @Test
    void aLaneThatDoesNotExistIsRefused() {
        say(lane(), bytes(9));

        isCutOff();
    }

    @Test
    void aLaneOpenedTwiceIsRefused() {
        say(lane(), bytes(1));
        say(lane(), bytes(1));

        isCutOff();
    }

    @Test
    void aMessageBeyondTheLimitIsRefusedBeforeItHasCome() {
        say(lane(), bytes(2), ByteBuffer.wrap(Uvarint.encode(LaneProtocol.MESSAGE_BYTES_MAX + 1L)));

        isCutOff();
    }

    @Test
    void aLengthThatIsNoneIsRefused() {
        say(lane(), bytes(2), bytes(0x80, 0x00));

        isCutOff();
    }

    @Test
    void whoSendsBeyondItsCreditIsCutOff() {
        P2pStream stream = lane();
        say(stream, bytes(3));
        // The handler handles nothing, so no credit returns for these.
        int messages = LaneProtocol.WINDOW_BYTES / (1024 * 1024);
        for (int i = 0; i < messages; i++) {
            say(
                    stream,
                    ByteBuffer.wrap(Uvarint.encode(1024 * 1024)),
                    ByteBuffer.allocate(1024 * 1024));
        }
        assertThat(connection.closed().toCompletableFuture()).isNotDone();

        say(stream, ByteBuffer.wrap(Uvarint.encode(1024 * 1024)), ByteBuffer.allocate(1024 * 1024));

        await().until(() -> connection.closed().toCompletableFuture().isDone());
        assertThat(atA.numbers(Lane.BULK)).isEmpty();
    }
}
