package io.ridgeline.transport.libp2p.noise;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/// A key pair for Diffie-Hellman on Curve25519, with raw keys of 32 bytes outside.
final class X25519 {
    static final int KEY_BYTES = 32;

    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final byte[] PKCS8_PREFIX =
            HexFormat.of().parseHex("302e020100300506032b656e04220420");

    private final PrivateKey privateKey;
    private final byte[] publicKey;

    private X25519(PrivateKey privateKey, byte[] publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    static X25519 generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            byte[] raw = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
            return new X25519(pair.getPrivate(), raw);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has X25519", e);
        }
    }

    /// {@return the pair of a private key: for test vectors, whose keys are fixed}
    static X25519 ofPrivate(byte[] raw) {
        try {
            PrivateKey key =
                    KeyFactory.getInstance("X25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(joined(PKCS8_PREFIX, raw)));
            byte[] basePoint = new byte[KEY_BYTES];
            basePoint[0] = 9;
            return new X25519(key, new X25519(key, basePoint).agree(basePoint));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has X25519", e);
        }
    }

    private static byte[] joined(byte[] prefix, byte[] raw) {
        byte[] joined = Arrays.copyOf(prefix, prefix.length + KEY_BYTES);
        System.arraycopy(raw, 0, joined, prefix.length, KEY_BYTES);
        return joined;
    }

    byte[] publicKey() {
        return publicKey.clone();
    }

    /// {@return the secret shared with the owner of a public key}
    ///
    /// @throws HandshakeException if the key is a point of small order, which would make the secret
    ///   known to everyone
    byte[] agree(byte[] otherPublicKey) {
        try {
            PublicKey other =
                    KeyFactory.getInstance("X25519")
                            .generatePublic(
                                    new X509EncodedKeySpec(joined(X509_PREFIX, otherPublicKey)));
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(privateKey);
            agreement.doPhase(other, true);
            return agreement.generateSecret();
        } catch (InvalidKeyException | InvalidKeySpecException | IllegalStateException e) {
            throw new HandshakeException(HandshakeFailure.CRYPTO, "unusable public key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has X25519", e);
        }
    }
}
