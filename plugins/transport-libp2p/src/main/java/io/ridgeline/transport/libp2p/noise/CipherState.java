package io.ridgeline.transport.libp2p.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One direction of a secure channel: a key and a nonce that counts (Noise, section 5.1).
///
/// Invariants: no nonce is used twice, and after a failure nothing more is done. One thread at a
/// time.
public final class CipherState {
    /// What sealing adds.
    public static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;
    private static final byte[] NOTHING = {};

    private final SecretKeySpec key;
    private final Cipher cipher;
    private long nonce;
    private boolean failed;

    CipherState(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ChaCha20-Poly1305", e);
        }
    }

    byte[] rawKey() {
        return key.getEncoded();
    }

    /// Seals a message.
    ///
    /// @return how many bytes were written: `length` and [#TAG_BYTES]
    public int seal(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return apply(Cipher.ENCRYPT_MODE, NOTHING, in, offset, length, out, outOffset);
    }

    /// Opens a message.
    ///
    /// @return how many bytes were written: `length` without [#TAG_BYTES]
    /// @throws HandshakeException if it is not authentic
    public int open(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return apply(Cipher.DECRYPT_MODE, NOTHING, in, offset, length, out, outOffset);
    }

    byte[] seal(byte[] associated, byte[] plain) {
        byte[] out = new byte[plain.length + TAG_BYTES];
        apply(Cipher.ENCRYPT_MODE, associated, plain, 0, plain.length, out, 0);
        return out;
    }

    byte[] open(byte[] associated, byte[] sealed) {
        if (sealed.length < TAG_BYTES) {
            throw new HandshakeException(HandshakeFailure.CRYPTO, "message shorter than its tag");
        }
        byte[] out = new byte[sealed.length - TAG_BYTES];
        apply(Cipher.DECRYPT_MODE, associated, sealed, 0, sealed.length, out, 0);
        return out;
    }

    private int apply(
            int mode, byte[] ad, byte[] in, int offset, int length, byte[] out, int outOffset) {
        // 2^64-1 is reserved; a signed count ends long before.
        if (failed || nonce < 0) {
            throw new HandshakeException(HandshakeFailure.CRYPTO, "channel is not usable any more");
        }
        boolean done = false;
        try {
            cipher.init(mode, key, new IvParameterSpec(nextNonce()));
            if (ad.length > 0) {
                cipher.updateAAD(ad);
            }
            int written = cipher.doFinal(in, offset, length, out, outOffset);
            done = true;
            return written;
        } catch (AEADBadTagException e) {
            throw new HandshakeException(HandshakeFailure.CRYPTO, "message is not authentic", e);
        } catch (GeneralSecurityException e) {
            throw new HandshakeException(HandshakeFailure.CRYPTO, "cipher failed", e);
        } finally {
            failed = !done;
        }
    }

    private byte[] nextNonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(4, nonce++);
        return bytes;
    }
}
