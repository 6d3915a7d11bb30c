package io.ridgeline.transport.libp2p.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.identify.IdentifyService;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TcpHostTest {
    private static TestHost a;
    private static TestHost b;

    @BeforeAll
    static void start() {
        a = new TestHost();
        b = new TestHost();
    }

    @AfterAll
    static void stop() {
        a.close();
        b.close();
    }

    @Nested
    class OneOfOurOwn extends PeerContract {
        @Override
        protected P2pHost host() {
            return a.host;
        }

        @Override
        protected P2pConnection connection() {
            return a.connect(b);
        }

        @Override
        protected IdentifyService identify() {
            return a.identify;
        }

        @Test
        void isConnectedOnceHoweverOftenItIsDialled() {
            P2pConnection first = connection();
            CompletableFuture<P2pConnection> again =
                    a.host.connect(b.peerId(), List.of(b.address()));

            assertThat(again.join()).isSameAs(first);
            assertThat(first.remotePeerId()).isEqualTo(b.peerId());
            assertThat(first.initiator()).isTrue();
        }
    }

    @Test
    void manyDialsOfOnePeerAreOne() {
        try (TestHost c = new TestHost()) {
            CompletableFuture<P2pConnection> first =
                    c.host.connect(b.peerId(), List.of(b.address()));
            CompletableFuture<P2pConnection> second =
                    c.host.connect(b.peerId(), List.of(b.address()));

            assertThat(second).isSameAs(first);
            first.orTimeout(10, TimeUnit.SECONDS).join();
            assertThat(c.opened).hasSize(1);
        }
    }

    @Test
    void aDialTriesOneAddressAfterTheOther() {
        try (TestHost c = new TestHost()) {
            List<Multiaddr> addresses =
                    List.of(
                            Multiaddr.parse("/ip4/127.0.0.1/udp/1/quic-v1"),
                            Multiaddr.parse("/dns/no-such-host.invalid/tcp/1"),
                            a.address(),
                            b.address());

            P2pConnection connection =
                    c.host.connect(b.peerId(), addresses).orTimeout(20, TimeUnit.SECONDS).join();

            assertThat(connection.remotePeerId()).isEqualTo(b.peerId());
            assertThat(c.failures).containsExactly(HandshakeFailure.WRONG_PEER);
        }
    }

    @Test
    void aDialThatFailsLeavesNothingBehind() throws Exception {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = socket.getLocalPort();
        }
        Multiaddr nobody = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + closedPort);
        try (TestHost c = new TestHost()) {
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> c.connect(b.peerId(), nobody))
                        .hasRootCauseInstanceOf(java.net.ConnectException.class);
            }
            assertThatThrownBy(
                            () -> c.connect(b.peerId(), Multiaddr.parse("/ip4/127.0.0.1/tcp/1/ws")))
                    .hasCauseInstanceOf(HandshakeException.class);

            assertThat(c.failures).hasSize(21).containsOnly(HandshakeFailure.UNREACHABLE);
            await().untilAsserted(() -> assertThat(c.host.openChannels()).isEqualTo(1));
        }
    }

    @Test
    void aPeerThatIsNotTheOneDialledIsRefused() {
        try (TestHost c = new TestHost()) {
            assertThatThrownBy(() -> c.connect(IdentityKey.generate().peerId(), b.address()))
                    .cause()
                    .isInstanceOfSatisfying(
                            HandshakeException.class,
                            e -> assertThat(e.failure()).isEqualTo(HandshakeFailure.WRONG_PEER));
            await().untilAsserted(() -> assertThat(c.host.openChannels()).isEqualTo(1));
            assertThat(c.opened).isEmpty();
        }
    }

    @Nested
    class TheAllowList {
        @Test
        void keepsOutWhoDials() {
            try (TestHost strict = new TestHost(_ -> false, Duration.ofSeconds(10));
                    TestHost stranger = new TestHost()) {
                assertThatThrownBy(() -> stranger.connect(strict))
                        .hasMessageContaining("allow list");

                assertThat(stranger.opened).isEmpty();
                await().untilAsserted(() ->
                        assertThat(strict.failures).containsExactly(HandshakeFailure.NOT_ALLOWED));
                assertThat(strict.opened).isEmpty();
                await().until(() -> strict.host.inboundConnections() == 0);
            }
        }

        @Test
        void keepsUsFromWhomWeDial() {
            try (TestHost strict = new TestHost(_ -> false, Duration.ofSeconds(10))) {
                assertThatThrownBy(() -> strict.connect(b)).hasMessageContaining("NOT_ALLOWED");
                assertThat(strict.opened).isEmpty();
            }
        }
    }

    @Test
    void twoThatDialEachOtherKeepTheSameConnection() {
        for (int i = 0; i < 5; i++) {
            try (TestHost c = new TestHost();
                    TestHost d = new TestHost()) {
                var there = c.host.connect(d.peerId(), List.of(d.address()));
                var back = d.host.connect(c.peerId(), List.of(c.address()));
                there.orTimeout(10, TimeUnit.SECONDS).join();
                back.orTimeout(10, TimeUnit.SECONDS).join();

                await().until(() ->
                        c.host.connections().size() == 1 && d.host.connections().size() == 1);
                P2pConnection ours = c.host.connections().getFirst();
                P2pConnection theirs = d.host.connections().getFirst();
                assertThat(ours.localAddress()).isEqualTo(theirs.remoteAddress());
                assertThat(ours.remoteAddress()).isEqualTo(theirs.localAddress());
            }
        }
    }

    /// Else whoever got an address that was a peer's would keep the peer itself from connecting.
    @Test
    void aDialThatNobodyAnswersDoesNotKeepThePeerOut() throws Exception {
        IdentityKey one = IdentityKey.generate();
        IdentityKey other = IdentityKey.generate();
        boolean inOrder = one.peerId().compareTo(other.peerId()) < 0;
        Duration patience = Duration.ofMinutes(1);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestHost c = new TestHost(inOrder ? one : other, _ -> true, patience);
                TestHost d = new TestHost(inOrder ? other : one, _ -> true, patience)) {
            var nowhere =
                    c.host.connect(
                            d.peerId(),
                            List.of(
                                    Multiaddr.parse(
                                            "/ip4/127.0.0.1/tcp/" + silent.getLocalPort())));
            try (Socket _ = silent.accept()) {
                await().ignoreExceptions().until(() -> d.connect(c).remotePeerId() != null);
                assertThat(nowhere).isNotDone();
            }
        }
    }

    @Test
    void aPushTellsOfProtocolsThatCameLater() {
        try (TestHost c = new TestHost()) {
            c.connect(b);
            await().until(() -> b.identify.info(c.peerId()).isPresent());
            c.host.addProtocol(new Later());

            c.identify.push();

            await().until(() ->
                    b.identify.info(c.peerId()).orElseThrow().protocols().contains("/later/1"));
        }
    }

    private static final class Later implements ProtocolBinding<P2pStream> {
        @Override
        public List<String> announce() {
            return List.of("/later/1");
        }

        @Override
        public CompletionStage<P2pStream> init(P2pStream stream, boolean initiator) {
            return CompletableFuture.completedFuture(stream);
        }
    }

    @Test
    void aConnectionEndsOnBothSidesWhenOneStops() {
        TestHost c = new TestHost();
        c.connect(b);
        await().until(() -> b.host.connection(c.peerId()).isPresent());

        c.close();

        await().until(() -> b.host.connection(c.peerId()).isEmpty());
        assertThatThrownBy(() -> c.connect(b)).hasMessageContaining("stopped");
        assertThat(c.closed).containsExactly("stopped");
    }

    @Test
    void anAddressThatIsTakenIsNotListenedOn() {
        TcpHost second = new TcpHost(IdentityKey.generate(), HostOptions.of(b.socket()), _ -> true);
        try {
            assertThatThrownBy(second::start).isInstanceOf(UncheckedIOException.class);
        } finally {
            second.stop();
        }
    }
}
