package io.ridgeline.transport.libp2p.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever does not get through the handshake is gone before its deadline, with all that it cost,
/// and those who behave are served meanwhile.
class ImpostorTest {
    private static TestHost patient;
    private static TestHost hasty;
    private static TestHost friend;

    @BeforeAll
    static void start() {
        patient = new TestHost();
        hasty = new TestHost(_ -> true, Duration.ofMillis(600));
        friend = new TestHost();
    }

    @AfterAll
    static void stop() {
        patient.close();
        hasty.close();
        friend.close();
    }

    @BeforeEach
    void forget() {
        patient.failures.clear();
        hasty.failures.clear();
    }

    @AfterEach
    void theOthersAreServedAndNothingIsLeft() {
        friend.connect(patient).close("done");
        await().until(() ->
                patient.host.inboundConnections() == 0
                        && patient.host.openChannels() == 1
                        && hasty.host.openChannels() == 1);
    }

    private static void notes(TestHost host, HandshakeFailure failure) {
        await().untilAsserted(() -> assertThat(host.failures).containsExactly(failure));
    }

    private static void refused(HandshakeFailure failure, String... said) throws IOException {
        try (RawPeer peer = new RawPeer(patient.socket())) {
            for (String each : said) {
                peer.say(each);
            }
            assertThat(peer.isCutOff()).isTrue();
        }
        notes(patient, failure);
    }

    @Test
    void garbageInsteadOfANegotiationIsRefused() throws Exception {
        refused(
                HandshakeFailure.NEGOTIATION,
                "GET / HTTP/1.1\r\nHost: here\r\n\r\n" + "x".repeat(80));
    }

    @Test
    void tlsInsteadOfANegotiationIsRefused() throws Exception {
        refused(
                HandshakeFailure.NEGOTIATION,
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"
                        + "\u0000".repeat(64));
    }

    @Test
    void aMessageWithoutEndIsRefused() throws Exception {
        refused(HandshakeFailure.NEGOTIATION, "\u00ff\u00ff\u007f");
    }

    @Test
    void aPlainMuxerIsRefused() throws Exception {
        StringBuilder proposals = new StringBuilder(RawPeer.MULTISTREAM);
        for (int i = 0; i < 33; i++) {
            proposals.append("\r/yamux/1.0.0\n");
        }
        refused(HandshakeFailure.NEGOTIATION, proposals.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000\u0000", "\uffff\uffff"})
    void handshakeFramesOfImpossibleLengthAreRefused(String length) throws Exception {
        refused(
                HandshakeFailure.MALFORMED,
                RawPeer.MULTISTREAM + RawPeer.NOISE + length.replace('\uffff', '\u00ff'));
    }

    @Test
    void aFirstMessageThatIsTooShortIsRefused() throws Exception {
        refused(
                HandshakeFailure.MALFORMED,
                RawPeer.MULTISTREAM + RawPeer.NOISE + "\u0000\u0010" + "k".repeat(16));
    }

    @Test
    void aThirdMessageThatIsGarbageIsRefused() throws Exception {
        for (int length : new int[] {1, 47, 48, 64, 200, 4_000}) {
            patient.failures.clear();
            try (RawPeer peer = new RawPeer(patient.socket())) {
                peer.negotiate().sayFrame(key());
                peer.hearFrame();
                byte[] garbage = new byte[length];
                Arrays.fill(garbage, (byte) 7);
                peer.sayFrame(garbage);
                assertThat(peer.isCutOff()).isTrue();
            }
            await().untilAsserted(() -> assertThat(patient.failures).hasSize(1));
            assertThat(patient.failures)
                    .isSubsetOf(HandshakeFailure.MALFORMED, HandshakeFailure.CRYPTO);
        }
    }

    private static byte[] key() {
        byte[] key = new byte[32];
        key[0] = 9;
        return key;
    }

    @Test
    void aKeyOfSmallOrderIsRefused() throws Exception {
        try (RawPeer peer = new RawPeer(patient.socket())) {
            peer.negotiate().sayFrame(new byte[32]);
            assertThat(peer.isCutOff()).isTrue();
        }
        notes(patient, HandshakeFailure.CRYPTO);
    }

    @Test
    void whoLeavesInTheMiddleIsForgotten() throws Exception {
        new RawPeer(patient.socket()).close();
        new RawPeer(patient.socket()).say(RawPeer.MULTISTREAM).close();
        RawPeer late = new RawPeer(patient.socket()).negotiate().sayFrame(key());
        late.hearFrame();
        late.close();

        await().untilAsserted(() ->
                assertThat(patient.failures).hasSize(3).containsOnly(HandshakeFailure.CLOSED));
    }

    @Test
    void whoSaysNothingIsCutOffInTime() throws Exception {
        try (RawPeer peer = new RawPeer(hasty.socket())) {
            assertThat(peer.isCutOff()).isTrue();
        }
        notes(hasty, HandshakeFailure.TIMEOUT);
    }

    @Test
    void whoTricklesIsCutOffInTime() throws Exception {
        int[] said = {0};
        try (RawPeer peer = new RawPeer(hasty.socket())) {
            String first = RawPeer.MULTISTREAM;
            // A byte now and then, as long as the deadline has not struck.
            await().pollInterval(Duration.ofMillis(30))
                    .until(() -> {
                        String next = first.substring(said[0], said[0] + 1);
                        said[0] = Math.min(said[0] + 1, first.length() - 2);
                        return trickled(peer, next) || !hasty.failures.isEmpty();
                    });
            assertThat(peer.isCutOff()).isTrue();
        }
        notes(hasty, HandshakeFailure.TIMEOUT);
    }

    /// {@return whether the other side does not take any more}
    private static boolean trickled(RawPeer peer, String text) {
        try {
            peer.say(text);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whoStopsInTheHandshakeIsCutOffInTime() throws Exception {
        try (RawPeer peer = new RawPeer(hasty.socket())) {
            peer.negotiate().sayFrame(key());
            peer.hearFrame();
            assertThat(peer.isCutOff()).isTrue();
        }
        notes(hasty, HandshakeFailure.TIMEOUT);
    }

    @Test
    void halfOpenConnectionsAreBoundedPerAddress() throws Exception {
        List<RawPeer> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                silent.add(new RawPeer(patient.socket()));
            }
            await().until(() -> patient.host.inboundConnections() == 12);
            try (RawPeer oneMore = new RawPeer(patient.socket())) {
                assertThat(oneMore.isCutOff()).isTrue();
            }
            notes(patient, HandshakeFailure.OVERLOADED);
        } finally {
            for (RawPeer each : silent) {
                each.close();
            }
        }
    }

    @Test
    void connectionsAreBoundedInAll() throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                peers.add(new RawPeer(patient.socket()).secure(IdentityKey.generate()));
                peers.getLast().hearInside();
            }
            try (RawPeer oneMore = new RawPeer(patient.socket())) {
                assertThat(oneMore.isCutOff()).isTrue();
            }
            notes(patient, HandshakeFailure.OVERLOADED);
        } finally {
            for (RawPeer each : peers) {
                each.close();
            }
        }
    }
}
