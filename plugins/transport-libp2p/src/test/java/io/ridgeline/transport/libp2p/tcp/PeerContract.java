package io.ridgeline.transport.libp2p.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.identify.IdentifyService;
import io.ridgeline.transport.libp2p.ping.PingProtocol;
import io.ridgeline.transport.libp2p.ping.Pinger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// What must work with a peer that we have dialled, whoever wrote it.
public abstract class PeerContract {
    private static final int MIB = 1024 * 1024;

    protected abstract P2pHost host();

    protected abstract P2pConnection connection();

    protected abstract IdentifyService identify();

    private byte[] exchange(ProtocolBinding<TestProtocols.Exchange> protocol, byte[] bytes) {
        return begin(protocol, bytes).orTimeout(60, TimeUnit.SECONDS).join();
    }

    private CompletableFuture<byte[]> begin(
            ProtocolBinding<TestProtocols.Exchange> protocol, byte[] bytes) {
        return host().newStream(connection(), protocol)
                .controller()
                .thenCompose(exchange -> exchange.send(ByteBuffer.wrap(bytes)));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RandomGenerator.of("L64X128MixRandom").nextBytes(bytes);
        return bytes;
    }

    @Test
    void saysWhatItSpeaksAndWhoItIs() {
        await().until(() -> identify().info(connection().remotePeerId()).isPresent());

        assertThat(identify().info(connection().remotePeerId()))
                .hasValueSatisfying(info -> {
                    assertThat(info.protocols())
                            .contains("/test/echo/1", PingProtocol.ID, IdentifyService.ID);
                    assertThat(info.agent()).isNotEmpty();
                });
    }

    @Test
    void answersAHundredPings() {
        Pinger pinger =
                host().newStream(connection(), new PingProtocol())
                        .controller()
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join();
        for (int i = 0; i < 100; i++) {
            assertThat(pinger.ping().orTimeout(10, TimeUnit.SECONDS).join()).isPositive();
        }
        pinger.close();
    }

    @Test
    void answersPingsOfTheConnection() {
        assertThat(connection().ping().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join())
                .isPositive();
        assertThat(connection().traffic().roundTripNanos()).isPositive();
    }

    @Test
    void echoesOnAHundredStreamsAtOnce() {
        List<byte[]> sent = new ArrayList<>();
        List<CompletableFuture<byte[]>> received = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(random(1_000 + 200 * i));
            received.add(begin(TestProtocols.ECHO, sent.getLast()));
        }
        for (int i = 0; i < sent.size(); i++) {
            assertThat(received.get(i).orTimeout(60, TimeUnit.SECONDS).join())
                    .isEqualTo(sent.get(i));
        }
    }

    @Test
    void echoesEightMebibytes() {
        byte[] bytes = random(8 * MIB);

        assertThat(exchange(TestProtocols.ECHO, bytes)).isEqualTo(bytes);
    }

    @Test
    void takesAHundredMegabytesAndAnswersBehindOurEnd() {
        assertThat(exchange(TestProtocols.SINK, new byte[100_000_000]))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("100000000");
    }

    @Test
    void resetsAStreamAndTheOthersGoOn() {
        assertThatThrownBy(() -> exchange(TestProtocols.RESET, new byte[10]))
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("by the peer");
        assertThat(exchange(TestProtocols.ECHO, new byte[10])).hasSize(10);
    }

    @Test
    void refusesAProtocolThatItDoesNotSpeak() {
        ProtocolBinding<TestProtocols.Exchange> unknown =
                new ProtocolBinding<>() {
                    @Override
                    public List<String> announce() {
                        return List.of("/test/nobody/1", "/test/nobody/2");
                    }

                    @Override
                    public CompletableFuture<TestProtocols.Exchange> init(
                            io.ridgeline.transport.libp2p.host.P2pStream stream,
                            boolean initiator) {
                        throw new AssertionError("nobody speaks it");
                    }
                };

        assertThatThrownBy(() ->
                        host().newStream(connection(), unknown)
                                .controller()
                                .orTimeout(10, TimeUnit.SECONDS)
                                .join())
                .hasMessageContaining("/test/nobody/2");
    }
}
