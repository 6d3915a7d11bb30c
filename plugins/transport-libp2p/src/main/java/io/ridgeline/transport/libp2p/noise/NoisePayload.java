package io.ridgeline.transport.libp2p.noise;

import io.ridgeline.transport.libp2p.wire.ProtoReader;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.List;

/// What libp2p says within the handshake: who the peer is, proven by a signature, and which muxers
/// it speaks.
final class NoisePayload {
    static final int BYTES_MAX = 4096;

    private static final int IDENTITY_KEY = 1;
    private static final int IDENTITY_SIG = 2;
    private static final int EXTENSIONS = 4;
    private static final int STREAM_MUXERS = 2;
    private static final int KEY_BYTES_MAX = 1024;
    private static final int MUXERS_MAX = 32;
    private static final int MUXER_BYTES_MAX = 256;

    private final byte[] identityKey;
    private final byte[] signature;
    private final List<String> muxers;

    NoisePayload(byte[] identityKey, byte[] signature, List<String> muxers) {
        this.identityKey = identityKey;
        this.signature = signature;
        this.muxers = List.copyOf(muxers);
    }

    /// {@return the payload; keys that are missing are empty}
    static NoisePayload decode(byte[] message) {
        if (message.length > BYTES_MAX) {
            throw new HandshakeException(
                    HandshakeFailure.MALFORMED,
                    "payload of " + message.length + " bytes, at most " + BYTES_MAX);
        }
        ProtoReader reader = new ProtoReader(message);
        byte[] key = {};
        byte[] signature = {};
        List<String> muxers = new ArrayList<>();
        for (int field = reader.next(); field != 0; field = reader.next()) {
            switch (field) {
                case IDENTITY_KEY -> key = reader.bytes(KEY_BYTES_MAX);
                case IDENTITY_SIG -> signature = reader.bytes(KEY_BYTES_MAX);
                case EXTENSIONS -> decodeMuxers(reader.bytes(BYTES_MAX), muxers);
                default -> {
                    // Skipped, as the specification wants it.
                }
            }
        }
        return new NoisePayload(key, signature, muxers);
    }

    private static void decodeMuxers(byte[] extensions, List<String> muxers) {
        ProtoReader reader = new ProtoReader(extensions);
        for (int field = reader.next(); field != 0; field = reader.next()) {
            if (field == STREAM_MUXERS) {
                if (muxers.size() == MUXERS_MAX) {
                    throw new HandshakeException(
                            HandshakeFailure.MALFORMED, "more than " + MUXERS_MAX + " muxers");
                }
                muxers.add(reader.text(MUXER_BYTES_MAX));
            }
        }
    }

    byte[] encode() {
        ProtoWriter out =
                new ProtoWriter().bytes(IDENTITY_KEY, identityKey).bytes(IDENTITY_SIG, signature);
        if (!muxers.isEmpty()) {
            ProtoWriter extensions = new ProtoWriter();
            muxers.forEach(muxer -> extensions.text(STREAM_MUXERS, muxer));
            out.bytes(EXTENSIONS, extensions.toBytes());
        }
        return out.toBytes();
    }

    byte[] identityKey() {
        return identityKey;
    }

    byte[] signature() {
        return signature;
    }

    List<String> muxers() {
        return muxers;
    }
}
