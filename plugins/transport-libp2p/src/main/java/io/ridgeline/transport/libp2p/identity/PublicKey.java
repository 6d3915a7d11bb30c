package io.ridgeline.transport.libp2p.identity;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.wire.ProtoReader;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// A peer's public identity key. Ed25519 only: it is what every libp2p has, and one kind of key is
/// one kind of mistake.
public final class PublicKey {
    /// The size of an encoded key.
    public static final int ENCODED_BYTES = 36;

    static final int ED25519 = 1;
    static final int RAW_BYTES = 32;

    private static final int TYPE = 1;
    private static final int DATA = 2;
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final byte[] raw;
    private final java.security.PublicKey key;

    private PublicKey(byte[] raw) {
        this.raw = raw;
        byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + RAW_BYTES);
        System.arraycopy(raw, 0, encoded, X509_PREFIX.length, RAW_BYTES);
        try {
            this.key =
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("not an Ed25519 key", e);
        }
    }

    /// {@return the key in these 32 bytes}
    static PublicKey ofRaw(byte[] raw) {
        if (raw.length != RAW_BYTES) {
            throw new MalformedException("an Ed25519 key of " + raw.length + " bytes");
        }
        return new PublicKey(raw.clone());
    }

    /// {@return the key in a libp2p `PublicKey` message}
    ///
    /// @throws MalformedException if it is none, or of a kind that is not accepted
    public static PublicKey decode(byte[] message) {
        ProtoReader reader = new ProtoReader(message);
        long type = -1;
        byte[] data = {};
        for (int field = reader.next(); field != 0; field = reader.next()) {
            switch (field) {
                case TYPE -> type = reader.number();
                case DATA -> data = reader.bytes(message.length);
                default -> throw new MalformedException("field " + field + " in a public key");
            }
        }
        if (type != ED25519) {
            throw new MalformedException("key type " + type + ", accepted is 1 (Ed25519)");
        }
        PublicKey key = ofRaw(data);
        // The PeerId is made of these bytes: two encodings would be two names of one peer.
        if (!Arrays.equals(key.encode(), message)) {
            throw new MalformedException("public key is not in its deterministic encoding");
        }
        return key;
    }

    /// {@return the libp2p `PublicKey` message}
    public byte[] encode() {
        return new ProtoWriter().number(TYPE, ED25519).bytes(DATA, raw).toBytes();
    }

    byte[] raw() {
        return raw.clone();
    }

    /// {@return the PeerId of this key}
    public PeerId peerId() {
        return PeerId.ofPublicKey(encode());
    }

    /// {@return whether this key's owner signed the message; `false` for anything that is not a
    /// signature at all}
    public boolean verify(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // The JDK throws for a wrong length or a non-canonical s.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }
}
