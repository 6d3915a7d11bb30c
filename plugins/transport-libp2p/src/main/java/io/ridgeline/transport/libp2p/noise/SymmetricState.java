package io.ridgeline.transport.libp2p.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Hash and key of a handshake (Noise, section 5.2).
final class SymmetricState {
    private static final String NAME = "Noise_XX_25519_ChaChaPoly_SHA256";
    private static final int HASH_BYTES = 32;

    private byte[] hash;
    private byte[] chainingKey;
    private @Nullable CipherState cipher;

    SymmetricState() {
        // Exactly as long as a hash, so it is one. The prologue is empty.
        chainingKey = NAME.getBytes(StandardCharsets.US_ASCII);
        hash = sha256(chainingKey, new byte[0]);
    }

    byte[] hash() {
        return hash.clone();
    }

    void mixHash(byte[] data) {
        hash = sha256(hash, data);
    }

    void mixKey(byte[] secret) {
        byte[] derived = derive(chainingKey, secret);
        chainingKey = Arrays.copyOf(derived, HASH_BYTES);
        cipher = new CipherState(Arrays.copyOfRange(derived, HASH_BYTES, 2 * HASH_BYTES));
    }

    byte[] sealAndHash(byte[] plain) {
        byte[] out = cipher == null ? plain : cipher.seal(hash, plain);
        mixHash(out);
        return out;
    }

    byte[] openAndHash(byte[] sealed) {
        byte[] plain = cipher == null ? sealed : cipher.open(hash, sealed);
        mixHash(sealed);
        return plain;
    }

    /// {@return the ciphers of the channel: from the initiator, and to it}
    CipherState[] split() {
        byte[] derived = derive(chainingKey, new byte[0]);
        return new CipherState[] {
            new CipherState(Arrays.copyOf(derived, HASH_BYTES)),
            new CipherState(Arrays.copyOfRange(derived, HASH_BYTES, 2 * HASH_BYTES))
        };
    }

    private static byte[] sha256(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(first);
            return digest.digest(second);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// HKDF (RFC 5869) with two blocks. By hand: native images know the Mac service, while the KDF
    /// service would have to be registered.
    private static byte[] derive(byte[] salt, byte[] secret) {
        byte[] pseudoRandomKey = hmac(salt, secret);
        byte[] first = hmac(pseudoRandomKey, new byte[] {1});
        byte[] info = Arrays.copyOf(first, HASH_BYTES + 1);
        info[HASH_BYTES] = 2;
        byte[] both = Arrays.copyOf(first, 2 * HASH_BYTES);
        System.arraycopy(hmac(pseudoRandomKey, info), 0, both, HASH_BYTES, HASH_BYTES);
        return both;
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
