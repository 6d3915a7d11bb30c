package io.ridgeline.transport.libp2p.noise;

import io.ridgeline.transport.libp2p.identity.PublicKey;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// libp2p's Noise handshake, fed with messages. Slow: some milliseconds of arithmetic, so it runs
/// on threads of its own, one call at a time.
///
/// Nothing of a peer's payload is used before its signature is verified. An initiator says nothing
/// more to a peer that is not the one it dialled.
public final class NoiseHandshake {
    /// The protocol id.
    public static final String ID = "/noise";

    private final boolean initiator;
    private final NoiseIdentity identity;
    private final List<String> muxers;
    private final @Nullable PeerId expected;
    private final Predicate<PeerId> allowed;
    private final XxHandshake handshake;
    private @Nullable PeerId remote;
    private Optional<String> muxer = Optional.empty();

    /// @param initiator whether we dialled
    /// @param identity who we are
    /// @param muxers what we speak above, the preferred one first
    /// @param expected whom we dialled; null for a responder, and for a dial to whoever answers
    /// @param allowed the allow list; may throw a [HandshakeException] to refuse for another reason
    public NoiseHandshake(
            boolean initiator,
            NoiseIdentity identity,
            List<String> muxers,
            @Nullable PeerId expected,
            Predicate<PeerId> allowed) {
        this.initiator = initiator;
        this.identity = identity;
        this.muxers = List.copyOf(muxers);
        this.expected = expected;
        this.allowed = allowed;
        this.handshake = new XxHandshake(initiator, identity.staticKey(), X25519.generate());
    }

    /// {@return the first message, if it is ours}
    public byte @Nullable [] start() {
        return initiator ? handshake.write(new byte[0]) : null;
    }

    /// Takes the peer's next message.
    ///
    /// @return what to answer, or null if nothing is due
    /// @throws HandshakeException if there will be no channel
    public byte @Nullable [] onMessage(byte[] message) {
        byte[] payload = handshake.read(message);
        if (remote == null && (initiator || handshake.isComplete())) {
            onPayload(payload);
        }
        return handshake.isComplete() ? null : handshake.write(identity.payload(muxers));
    }

    private void onPayload(byte[] bytes) {
        NoisePayload payload = decode(bytes);
        PeerId peer = verified(payload);
        if (expected != null && !expected.equals(peer)) {
            throw new HandshakeException(
                    HandshakeFailure.WRONG_PEER, "peer is " + peer + ", expected " + expected);
        }
        if (!allowed.test(peer)) {
            throw new HandshakeException(
                    HandshakeFailure.NOT_ALLOWED, "peer " + peer + " is not on the allow list");
        }
        muxer = chooseMuxer(payload.muxers());
        remote = peer;
    }

    private static NoisePayload decode(byte[] bytes) {
        try {
            return NoisePayload.decode(bytes);
        } catch (MalformedException e) {
            throw new HandshakeException(HandshakeFailure.MALFORMED, "payload", e);
        }
    }

    private PeerId verified(NoisePayload payload) {
        PublicKey key;
        try {
            key = PublicKey.decode(payload.identityKey());
        } catch (MalformedException e) {
            throw new HandshakeException(HandshakeFailure.IDENTITY, "identity key", e);
        }
        byte[] signed = NoiseIdentity.signed(handshake.remoteStatic());
        if (!key.verify(signed, payload.signature())) {
            throw new HandshakeException(
                    HandshakeFailure.IDENTITY, "the signature is not that of " + key.peerId());
        }
        return key.peerId();
    }

    /// The first of the initiator's that both have. A peer without the extension is asked later.
    private Optional<String> chooseMuxer(List<String> theirs) {
        if (theirs.isEmpty() || muxers.isEmpty()) {
            return Optional.empty();
        }
        List<String> preferred = initiator ? muxers : theirs;
        List<String> other = initiator ? theirs : muxers;
        return Optional.of(
                preferred.stream()
                        .filter(other::contains)
                        .findFirst()
                        .orElseThrow(() ->
                                new HandshakeException(
                                        HandshakeFailure.NEGOTIATION,
                                        "no muxer in common: " + theirs)));
    }

    /// {@return whether all messages have been exchanged}
    public boolean isComplete() {
        return handshake.isComplete();
    }

    /// {@return the channel that a complete handshake leads to}
    public SecureSession session() {
        CipherState[] ciphers = handshake.split();
        PeerId peer = remote;
        if (peer == null) {
            throw new IllegalStateException("complete without a peer");
        }
        return new SecureSession(
                peer, ciphers[initiator ? 0 : 1], ciphers[initiator ? 1 : 0], muxer);
    }
}
