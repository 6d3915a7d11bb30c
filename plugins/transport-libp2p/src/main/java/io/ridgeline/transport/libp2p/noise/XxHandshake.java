package io.ridgeline.transport.libp2p.noise;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The pattern XX: `-> e`, `<- e, ee, s, es`, `-> s, se` (Noise, section 7.5), with a payload in
/// each message and nothing of libp2p.
final class XxHandshake {
    private static final int SEALED_KEY_BYTES = X25519.KEY_BYTES + CipherState.TAG_BYTES;

    private final SymmetricState symmetric = new SymmetricState();
    private final boolean initiator;
    private final X25519 staticKey;
    private final X25519 ephemeralKey;
    private byte @Nullable [] remoteEphemeral;
    private byte @Nullable [] remoteStatic;
    private int messages;

    XxHandshake(boolean initiator, X25519 staticKey, X25519 ephemeralKey) {
        this.initiator = initiator;
        this.staticKey = staticKey;
        this.ephemeralKey = ephemeralKey;
    }

    /// {@return the next message, which is ours}
    byte[] write(byte[] payload) {
        requireTurn(true);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (messages++) {
            case 0 -> writeEphemeral(out);
            case 1 -> {
                writeEphemeral(out);
                symmetric.mixKey(ephemeralKey.agree(remoteEphemeral()));
                out.writeBytes(symmetric.sealAndHash(staticKey.publicKey()));
                symmetric.mixKey(staticKey.agree(remoteEphemeral()));
            }
            default -> {
                out.writeBytes(symmetric.sealAndHash(staticKey.publicKey()));
                symmetric.mixKey(staticKey.agree(remoteEphemeral()));
            }
        }
        out.writeBytes(symmetric.sealAndHash(payload));
        return out.toByteArray();
    }

    /// {@return the payload of the next message, which is the peer's}
    byte[] read(byte[] message) {
        requireTurn(false);
        int at =
                switch (messages++) {
                    case 0 -> readEphemeral(message);
                    case 1 -> {
                        int end = readEphemeral(message);
                        symmetric.mixKey(ephemeralKey.agree(remoteEphemeral()));
                        end = readStatic(message, end);
                        yield end;
                    }
                    default -> readStatic(message, 0);
                };
        return symmetric.openAndHash(Arrays.copyOfRange(message, at, message.length));
    }

    private void requireTurn(boolean ours) {
        boolean initiatorsTurn = messages % 2 == 0;
        if (isComplete() || (initiatorsTurn == initiator) != ours) {
            throw new IllegalStateException("message " + messages + " is not due");
        }
    }

    private void writeEphemeral(ByteArrayOutputStream out) {
        byte[] key = ephemeralKey.publicKey();
        out.writeBytes(key);
        symmetric.mixHash(key);
    }

    private int readEphemeral(byte[] message) {
        requireLength(message, X25519.KEY_BYTES);
        byte[] key = Arrays.copyOf(message, X25519.KEY_BYTES);
        remoteEphemeral = key;
        symmetric.mixHash(key);
        return X25519.KEY_BYTES;
    }

    private int readStatic(byte[] message, int from) {
        int end = from + SEALED_KEY_BYTES;
        requireLength(message, end);
        byte[] key = symmetric.openAndHash(Arrays.copyOfRange(message, from, end));
        remoteStatic = key;
        symmetric.mixKey(ephemeralKey.agree(key));
        return end;
    }

    private static void requireLength(byte[] message, int min) {
        if (message.length < min) {
            throw new HandshakeException(
                    HandshakeFailure.MALFORMED,
                    "handshake message of " + message.length + " bytes, at least " + min);
        }
    }

    private byte[] remoteEphemeral() {
        byte[] key = remoteEphemeral;
        if (key == null) {
            throw new IllegalStateException("no message yet");
        }
        return key;
    }

    /// {@return the peer's static key, once it has been read}
    byte[] remoteStatic() {
        byte[] key = remoteStatic;
        if (key == null) {
            throw new IllegalStateException("the peer's static key has not come yet");
        }
        return key.clone();
    }

    boolean isComplete() {
        return messages == 3;
    }

    byte[] hash() {
        return symmetric.hash();
    }

    /// {@return the ciphers of the channel: from the initiator, and to it}
    CipherState[] split() {
        if (!isComplete()) {
            throw new IllegalStateException("the handshake is not complete");
        }
        return symmetric.split();
    }
}
