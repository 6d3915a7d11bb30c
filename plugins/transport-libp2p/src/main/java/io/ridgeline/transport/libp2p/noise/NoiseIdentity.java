package io.ridgeline.transport.libp2p.noise;

import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// This process towards its peers: one Noise key for its life, never stored, and the identity key's
/// signature of it, made once, since a signature costs more than the rest of a handshake.
public final class NoiseIdentity {
    private static final byte[] SIGNED_PREFIX =
            "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);

    private final PeerId peerId;
    private final X25519 staticKey;
    private final byte[] encodedKey;
    private final byte[] signature;

    public NoiseIdentity(IdentityKey identity) {
        this(identity, X25519.generate());
    }

    private NoiseIdentity(IdentityKey identity, X25519 staticKey) {
        this.peerId = identity.peerId();
        this.staticKey = staticKey;
        this.encodedKey = identity.publicKey().encode();
        this.signature = identity.sign(signed(staticKey.publicKey()));
    }

    /// {@return the bytes whose signature binds a Noise key to an identity}
    static byte[] signed(byte[] staticKey) {
        byte[] bytes = Arrays.copyOf(SIGNED_PREFIX, SIGNED_PREFIX.length + staticKey.length);
        System.arraycopy(staticKey, 0, bytes, SIGNED_PREFIX.length, staticKey.length);
        return bytes;
    }

    /// {@return who we are}
    public PeerId peerId() {
        return peerId;
    }

    X25519 staticKey() {
        return staticKey;
    }

    byte[] payload(List<String> muxers) {
        return new NoisePayload(encodedKey, signature, muxers).encode();
    }
}
