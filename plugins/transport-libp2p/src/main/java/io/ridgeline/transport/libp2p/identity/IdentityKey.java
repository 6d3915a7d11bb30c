package io.ridgeline.transport.libp2p.identity;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.wire.ProtoReader;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// A node's own identity: an Ed25519 key pair.
public final class IdentityKey {
    private static final int TYPE = 1;
    private static final int DATA = 2;
    private static final int SEED_BYTES = 32;
    private static final int DATA_BYTES = SEED_BYTES + PublicKey.RAW_BYTES;
    private static final byte[] PKCS8_PREFIX =
            HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final byte[] seed;
    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private IdentityKey(byte[] seed, PublicKey publicKey) {
        this.seed = seed;
        this.publicKey = publicKey;
        byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + SEED_BYTES);
        System.arraycopy(seed, 0, encoded, PKCS8_PREFIX.length, SEED_BYTES);
        try {
            this.privateKey =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("not an Ed25519 private key", e);
        }
    }

    /// {@return a new key}
    public static IdentityKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = lastBytes(pair.getPrivate().getEncoded(), SEED_BYTES);
            byte[] raw = lastBytes(pair.getPublic().getEncoded(), PublicKey.RAW_BYTES);
            return new IdentityKey(seed, PublicKey.ofRaw(raw));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    private static byte[] lastBytes(byte[] bytes, int count) {
        return Arrays.copyOfRange(bytes, bytes.length - count, bytes.length);
    }

    /// {@return the key in a libp2p `PrivateKey` message}
    ///
    /// @throws MalformedException if it is none, or if its halves do not belong together
    public static IdentityKey decode(byte[] message) {
        ProtoReader reader = new ProtoReader(message);
        long type = -1;
        byte[] data = {};
        for (int field = reader.next(); field != 0; field = reader.next()) {
            switch (field) {
                case TYPE -> type = reader.number();
                case DATA -> data = reader.bytes(message.length);
                default -> throw new MalformedException("field " + field + " in a private key");
            }
        }
        if (type != PublicKey.ED25519) {
            throw new MalformedException("key type " + type + ", accepted is 1 (Ed25519)");
        }
        IdentityKey key = ofData(data);
        // The JDK cannot derive the public key from the seed, so a signature shows that they fit.
        byte[] probe = {1, 2, 3};
        if (!key.publicKey.verify(probe, key.sign(probe))) {
            throw new MalformedException("the public key is not that of the private key");
        }
        return key;
    }

    private static IdentityKey ofData(byte[] data) {
        byte[] raw = Arrays.copyOfRange(data, Math.min(SEED_BYTES, data.length), data.length);
        // An old form repeats the public key.
        if (data.length == DATA_BYTES + PublicKey.RAW_BYTES) {
            byte[] first = Arrays.copyOf(raw, PublicKey.RAW_BYTES);
            byte[] second = Arrays.copyOfRange(raw, PublicKey.RAW_BYTES, raw.length);
            if (!Arrays.equals(first, second)) {
                throw new MalformedException("the copies of the public key differ");
            }
            raw = first;
        } else if (data.length != DATA_BYTES) {
            throw new MalformedException("an Ed25519 private key of " + data.length + " bytes");
        }
        return new IdentityKey(Arrays.copyOf(data, SEED_BYTES), PublicKey.ofRaw(raw));
    }

    /// {@return the libp2p `PrivateKey` message: a secret}
    public byte[] encode() {
        byte[] data = Arrays.copyOf(seed, DATA_BYTES);
        System.arraycopy(publicKey.raw(), 0, data, SEED_BYTES, PublicKey.RAW_BYTES);
        return new ProtoWriter().number(TYPE, PublicKey.ED25519).bytes(DATA, data).toBytes();
    }

    /// {@return the half that everyone may know}
    public PublicKey publicKey() {
        return publicKey;
    }

    /// {@return the name under which peers know this key}
    public PeerId peerId() {
        return publicKey.peerId();
    }

    /// {@return this key's signature of a message}
    public byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(privateKey);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    /// Names the peer, never the secret.
    @Override
    public String toString() {
        return "IdentityKey[" + peerId() + "]";
    }
}
