package io.ridgeline.transport.libp2p.tcp;

import static io.ridgeline.transport.libp2p.tcp.RawPeer.DATA;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.NOTHING;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.PING;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.RST;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.SYN;
import static io.ridgeline.transport.libp2p.tcp.RawPeer.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An authenticated peer that turns on us is cut off or slowed down; everyone else is served.
class AbuseTest {
    private static TestHost victim;
    private static TestHost friend;
    private static int budget;

    private RawPeer peer;

    @BeforeAll
    static void start() {
        victim = new TestHost();
        friend = new TestHost();
        budget = victim.host.streamBudget();
    }

    @AfterAll
    static void stop() {
        victim.close();
        friend.close();
    }

    @BeforeEach
    void connect() throws IOException {
        victim.closed.clear();
        peer = new RawPeer(victim.socket()).secure(IdentityKey.generate());
        // The victim asks who we are: from here on the connection is up on its side.
        peer.hearInside();
    }

    @AfterEach
    void theOthersAreServedAndNothingIsLeft() throws IOException {
        echoOfAFriend();
        peer.close();
        friend.host.disconnect(victim.peerId(), "done");
        await().until(() ->
                victim.host.connections().isEmpty()
                        && victim.host.openChannels() == 1
                        && victim.host.streamBudget() == budget);
    }

    private static void echoOfAFriend() {
        P2pConnection connection = friend.connect(victim);
        byte[] back =
                friend.host
                        .newStream(connection, TestProtocols.ECHO)
                        .controller()
                        .thenCompose(echo -> echo.send(ByteBuffer.allocate(100_000)))
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join();
        assertThat(back).hasSize(100_000);
    }

    private void isCutOffBecause(String reason) {
        await().untilAsserted(() ->
                assertThat(victim.closed).singleElement().asString().contains(reason));
        assertThat(peer.isCutOff()).isTrue();
    }

    private static byte[] proposal(String protocol) {
        return (RawPeer.MULTISTREAM + (char) (protocol.length() + 1) + protocol + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aWindowThatIsOverrun() throws Exception {
        peer.sayYamux(WINDOW, SYN, 1, 0, NOTHING).sayYamux(DATA, 0, 1, 1024 * 1024 + 1, NOTHING);

        isCutOffBecause("window");
    }

    @Test
    void aFrameOfFourGibibytes() throws Exception {
        peer.sayYamux(DATA, SYN, 1, -1, NOTHING);

        isCutOffBecause("4294967295 bytes");
    }

    @Test
    void framesThatAreNone() throws Exception {
        peer.sayInside("this is not yamux, it is text".getBytes(StandardCharsets.US_ASCII));

        isCutOffBecause("frame of version");
    }

    @Test
    void aMessageThatIsNotAuthentic() throws Exception {
        peer.sayFrame(new byte[64]);

        isCutOffBecause("not authentic");
    }

    @Test
    void aFrameThatIsShorterThanItsTag() throws Exception {
        peer.sayFrame(new byte[3]);

        isCutOffBecause("frame of 3 bytes");
    }

    @Test
    void anEmptyMessageIsNoCrime() throws Exception {
        peer.sayInside(NOTHING).sayYamux(PING, SYN, 0, 5, NOTHING);

        byte[] answer = peer.hearInside();
        assertThat(answer).endsWith(0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5);
    }

    @Test
    void moreStreamsThanAllowed() throws Exception {
        for (int i = 0; i < 1_100; i++) {
            peer.sayYamux(WINDOW, SYN, 2 * i + 1, 0, NOTHING);
        }
        ByteBuffer frames = ByteBuffer.allocate(64);
        boolean reset = false;
        while (!reset) {
            ByteBuffer heard = ByteBuffer.wrap(peer.hearInside());
            while (heard.remaining() >= 12) {
                heard.get(frames.array(), 0, 12);
                reset |= frames.get(1) == WINDOW && frames.getShort(2) == RST;
                if (frames.get(1) == DATA) {
                    heard.position(heard.position() + frames.getInt(8));
                }
            }
        }
        assertThat(victim.host.streamBudget()).isEqualTo(budget - 1_000);
    }

    @Test
    void aFloodOfStreamsThatAreResetAtOnce() throws Exception {
        ByteBuffer both = ByteBuffer.allocate(24);
        try {
            for (int i = 0; i < 100_000 && victim.closed.isEmpty(); i++) {
                both.clear();
                both.put((byte) 0).put((byte) WINDOW).putShort((short) SYN).putInt(2 * i + 1);
                both.putInt(0);
                both.put((byte) 0).put((byte) WINDOW).putShort((short) RST).putInt(2 * i + 1);
                both.putInt(0);
                peer.sayInside(both.array());
            }
        } catch (IOException e) {
            assertThat(victim.closed).isNotNull();
        }
        isCutOffBecause("stream flood");
    }

    @Test
    void aFloodOfPings() throws Exception {
        try {
            for (int i = 0; i < 1_000; i++) {
                peer.sayYamux(PING, SYN, 0, i, NOTHING);
            }
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
        isCutOffBecause("ping flood");
    }

    @Test
    void aReaderThatNeverReads() throws Exception {
        byte[] block = new byte[60_000];
        for (int stream = 0; stream < 40; stream++) {
            int id = 2 * stream + 1;
            byte[] hello = proposal("/test/echo/1");
            peer.sayYamux(DATA, SYN, id, hello.length, hello);
            for (int i = 0; i < 4; i++) {
                peer.sayYamux(DATA, 0, id, block.length, block);
            }
        }
        echoOfAFriend();

        // Its echoes wait for its window, and its own sending waits for ours: nothing grows.
        peer.sayYamux(DATA, 0, 1, 1024 * 1024, NOTHING);
        isCutOffBecause("window");
    }

    @Test
    void silenceWhenAskedForASignOfLife() throws Exception {
        try (TestHost impatient = new TestHost(_ -> true, Duration.ofMillis(500));
                RawPeer dead = new RawPeer(impatient.socket()).secure(IdentityKey.generate())) {
            assertThat(dead.isCutOff()).isTrue();
            assertThat(impatient.closed).containsExactly("no answer to a ping");
        }
    }
}
