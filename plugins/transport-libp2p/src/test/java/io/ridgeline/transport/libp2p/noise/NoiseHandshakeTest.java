package io.ridgeline.transport.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class NoiseHandshakeTest {
    private static final List<String> YAMUX = List.of("/yamux/1.0.0");

    private static final IdentityKey A = IdentityKey.generate();
    private static final IdentityKey B = IdentityKey.generate();
    private static final NoiseIdentity NOISE_A = new NoiseIdentity(A);
    private static final NoiseIdentity NOISE_B = new NoiseIdentity(B);

    private static NoiseHandshake initiator(@Nullable PeerId expected) {
        return new NoiseHandshake(true, NOISE_A, YAMUX, expected, _ -> true);
    }

    private static NoiseHandshake responder() {
        return new NoiseHandshake(false, NOISE_B, YAMUX, null, _ -> true);
    }

    private static byte[] sent(byte @Nullable [] message) {
        return Objects.requireNonNull(message);
    }

    private static void failsWith(HandshakeFailure failure, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.failure()).isEqualTo(failure));
    }

    @Test
    void provesBothIdentitiesAndSettlesTheMuxer() {
        NoiseHandshake initiator = initiator(B.peerId());
        NoiseHandshake responder = responder();

        byte[] m3 = sent(initiator.onMessage(sent(responder.onMessage(sent(initiator.start())))));
        assertThat(responder.onMessage(m3)).isNull();

        SecureSession ours = initiator.session();
        SecureSession theirs = responder.session();
        assertThat(ours.remotePeerId()).isEqualTo(B.peerId());
        assertThat(theirs.remotePeerId()).isEqualTo(A.peerId());
        assertThat(ours.muxer()).contains("/yamux/1.0.0").isEqualTo(theirs.muxer());
        byte[] sealed = ours.sending().seal(new byte[0], new byte[] {7});
        assertThat(theirs.receiving().open(new byte[0], sealed)).containsExactly(7);
    }

    @Nested
    class Muxers {
        private SecureSession agree(List<String> initiators, List<String> responders) {
            NoiseHandshake initiator =
                    new NoiseHandshake(true, NOISE_A, initiators, null, _ -> true);
            NoiseHandshake responder =
                    new NoiseHandshake(false, NOISE_B, responders, null, _ -> true);
            byte[] m2 = sent(responder.onMessage(sent(initiator.start())));
            responder.onMessage(sent(initiator.onMessage(m2)));
            assertThat(initiator.session().muxer()).isEqualTo(responder.session().muxer());
            return initiator.session();
        }

        @Test
        void areTheFirstOfTheInitiatorThatBothHave() {
            assertThat(agree(List.of("/a", "/b", "/c"), List.of("/c", "/b")).muxer())
                    .contains("/b");
        }

        @Test
        void stayOpenIfOneSideNamesNone() {
            assertThat(agree(List.of("/a"), List.of()).muxer()).isEmpty();
            assertThat(agree(List.of(), List.of("/a")).muxer()).isEmpty();
        }

        @Test
        void withoutOverlapFailTheHandshake() {
            failsWith(HandshakeFailure.NEGOTIATION, () -> agree(List.of("/a"), List.of("/b")));
        }
    }

    @Nested
    class APeerThatIsNotWelcome {
        @Test
        void isRefusedByTheInitiatorBeforeItLearnsWhoWeAre() {
            NoiseHandshake initiator = initiator(A.peerId());
            byte[] m2 = sent(responder().onMessage(sent(initiator.start())));

            failsWith(HandshakeFailure.WRONG_PEER, () -> initiator.onMessage(m2));
        }

        @Test
        void isRefusedByTheInitiatorsAllowList() {
            NoiseHandshake initiator =
                    new NoiseHandshake(
                            true, NOISE_A, YAMUX, B.peerId(), peer -> !peer.equals(B.peerId()));
            byte[] m2 = sent(responder().onMessage(sent(initiator.start())));

            failsWith(HandshakeFailure.NOT_ALLOWED, () -> initiator.onMessage(m2));
        }

        @Test
        void isRefusedByTheRespondersAllowList() {
            NoiseHandshake initiator = initiator(null);
            NoiseHandshake responder =
                    new NoiseHandshake(
                            false, NOISE_B, YAMUX, null, peer -> !peer.equals(A.peerId()));
            byte[] m2 = sent(responder.onMessage(sent(initiator.start())));
            byte[] m3 = sent(initiator.onMessage(m2));

            failsWith(HandshakeFailure.NOT_ALLOWED, () -> responder.onMessage(m3));
        }
    }

    /// Speaks correct Noise, but says what it likes about who it is.
    @Nested
    class AnImpostor {
        private final X25519 noiseKey = X25519.generate();

        private void says(byte[] payload, HandshakeFailure failure) {
            XxHandshake asResponder = new XxHandshake(false, noiseKey, X25519.generate());
            NoiseHandshake initiator = initiator(null);
            asResponder.read(sent(initiator.start()));
            byte[] m2 = asResponder.write(payload);
            failsWith(failure, () -> initiator.onMessage(m2));

            XxHandshake asInitiator = new XxHandshake(true, noiseKey, X25519.generate());
            NoiseHandshake responder = responder();
            asInitiator.read(sent(responder.onMessage(asInitiator.write(new byte[0]))));
            byte[] m3 = asInitiator.write(payload);
            failsWith(failure, () -> responder.onMessage(m3));
            assertThatThrownBy(responder::session).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void thatSaysNothingIsRefused() {
            says(new byte[0], HandshakeFailure.IDENTITY);
        }

        @Test
        void thatHasNoSignatureIsRefused() {
            says(
                    new ProtoWriter().bytes(1, A.publicKey().encode()).toBytes(),
                    HandshakeFailure.IDENTITY);
        }

        @Test
        void thatHasTheSignatureOfAnotherNoiseKeyIsRefused() {
            byte[] signature = A.sign(NoiseIdentity.signed(X25519.generate().publicKey()));
            says(
                    new NoisePayload(A.publicKey().encode(), signature, YAMUX).encode(),
                    HandshakeFailure.IDENTITY);
        }

        @Test
        void thatSignsWithoutThePrefixIsRefused() {
            byte[] signature = A.sign(noiseKey.publicKey());
            says(
                    new NoisePayload(A.publicKey().encode(), signature, YAMUX).encode(),
                    HandshakeFailure.IDENTITY);
        }

        @Test
        void thatSignsWithItsOwnKeyIsRefused() {
            byte[] signature = B.sign(NoiseIdentity.signed(noiseKey.publicKey()));
            says(
                    new NoisePayload(A.publicKey().encode(), signature, YAMUX).encode(),
                    HandshakeFailure.IDENTITY);
        }

        @Test
        void thatHasAnotherKindOfKeyIsRefused() {
            byte[] rsa = new ProtoWriter().number(1, 0).bytes(2, new byte[294]).toBytes();
            says(new NoisePayload(rsa, new byte[256], YAMUX).encode(), HandshakeFailure.IDENTITY);
        }

        @Test
        void whosePayloadIsNoneOrTooLargeIsRefused() {
            says(new byte[] {0x0a, 0x7f}, HandshakeFailure.MALFORMED);
            says(new byte[NoisePayload.BYTES_MAX + 1], HandshakeFailure.MALFORMED);
            says(
                    new NoisePayload(
                                    A.publicKey().encode(),
                                    new byte[64],
                                    java.util.Collections.nCopies(33, "/a"))
                            .encode(),
                    HandshakeFailure.MALFORMED);
        }
    }

    @Nested
    class AMessage {
        @Test
        void thatWasCutShortIsRefusedAtEveryLength() {
            for (int length = 0; length < 32; length++) {
                byte[] m1 = new byte[length];
                failsWith(HandshakeFailure.MALFORMED, () -> responder().onMessage(m1));
            }
            NoiseHandshake first = initiator(null);
            byte[] m2 = sent(responder().onMessage(sent(first.start())));
            for (int length = 0; length < m2.length; length += 7) {
                NoiseHandshake initiator = initiator(null);
                initiator.start();
                byte[] cut = Arrays.copyOf(m2, length);
                assertThatThrownBy(() -> initiator.onMessage(cut))
                        .isInstanceOf(HandshakeException.class);
            }
        }

        @Test
        void thatWasChangedAnywhereIsRefused() {
            byte[] length = sent(responder().onMessage(sent(initiator(null).start())));
            for (int at = 0; at < length.length; at += 5) {
                NoiseHandshake initiator = initiator(null);
                byte[] m2 = sent(responder().onMessage(sent(initiator.start())));
                m2[at] ^= 0x10;
                assertThatThrownBy(() -> initiator.onMessage(m2))
                        .isInstanceOf(HandshakeException.class);
            }
        }
    }
}
