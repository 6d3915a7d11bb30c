package io.ridgeline.transport.libp2p.multiformats;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/// The name of a peer: the multihash of its encoded public key. Ordered by its bytes.
public final class PeerId implements Comparable<PeerId> {
    private static final int IDENTITY = 0x00;
    private static final int SHA2_256 = 0x12;

    /// Encoded keys up to this size are their own hash, longer ones are hashed (peer-ids).
    private static final int IDENTITY_KEY_BYTES_MAX = 42;

    private static final int SHA2_256_BYTES = 32;
    private static final int CID_VERSION = 1;
    private static final int LIBP2P_KEY = 0x72;
    private static final int TEXT_CHARACTERS_MAX = 128;

    private final byte[] multihash;
    private final String text;

    private PeerId(byte[] multihash) {
        this.multihash = multihash;
        this.text = Base58.encode(multihash);
    }

    /// {@return the PeerId of a public key in its protobuf encoding}
    public static PeerId ofPublicKey(byte[] encodedKey) {
        boolean small = encodedKey.length <= IDENTITY_KEY_BYTES_MAX;
        byte[] digest = small ? encodedKey : sha256(encodedKey);
        ByteBuffer out = ByteBuffer.allocate(2 + digest.length);
        out.put((byte) (small ? IDENTITY : SHA2_256)).put((byte) digest.length).put(digest);
        return new PeerId(out.array());
    }

    /// {@return the PeerId in these bytes, all of them}
    public static PeerId fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int code = Uvarint.readInt(in, SHA2_256);
        int length = Uvarint.readInt(in, IDENTITY_KEY_BYTES_MAX);
        boolean known =
                (code == IDENTITY && length > 0) || (code == SHA2_256 && length == SHA2_256_BYTES);
        if (!known || length != in.remaining()) {
            throw new MalformedException("not the multihash of a key");
        }
        return new PeerId(bytes.clone());
    }

    /// {@return the PeerId written as base58btc, or as a CIDv1 in base32 or base58btc}
    public static PeerId parse(String text) {
        if (text.isEmpty() || text.length() > TEXT_CHARACTERS_MAX) {
            throw new MalformedException("not a PeerId: \"" + abbreviated(text) + "\"");
        }
        try {
            if (text.startsWith("1") || text.startsWith("Qm")) {
                return fromBytes(Base58.decode(text));
            }
            return fromCid(
                    switch (text.charAt(0)) {
                        case 'b' -> Base32.decode(text.substring(1));
                        case 'z' -> Base58.decode(text.substring(1));
                        default -> throw new MalformedException("unknown multibase");
                    });
        } catch (MalformedException e) {
            throw new MalformedException("not a PeerId: \"" + text + "\": " + e.getMessage(), e);
        }
    }

    private static PeerId fromCid(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (Uvarint.readInt(in, Integer.MAX_VALUE) != CID_VERSION
                || Uvarint.readInt(in, Integer.MAX_VALUE) != LIBP2P_KEY) {
            throw new MalformedException("not the CID of a libp2p key");
        }
        byte[] multihash = new byte[in.remaining()];
        in.get(multihash);
        return fromBytes(multihash);
    }

    private static String abbreviated(String text) {
        return text.length() <= TEXT_CHARACTERS_MAX
                ? text
                : text.substring(0, TEXT_CHARACTERS_MAX) + "…";
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// {@return the multihash}
    public byte[] toBytes() {
        return multihash.clone();
    }

    /// {@return the encoded public key, if it is short enough to be its own hash, as Ed25519 keys
    /// are}
    public Optional<byte[]> publicKey() {
        return multihash[0] == IDENTITY
                ? Optional.of(Arrays.copyOfRange(multihash, 2, multihash.length))
                : Optional.empty();
    }

    /// {@return the other way to write it: a CIDv1 in base32}
    public String toCid() {
        ByteBuffer out = ByteBuffer.allocate(2 + multihash.length);
        out.put((byte) CID_VERSION).put((byte) LIBP2P_KEY).put(multihash);
        return "b" + Base32.encode(out.array());
    }

    @Override
    public int compareTo(PeerId other) {
        return Arrays.compareUnsigned(multihash, other.multihash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PeerId that && Arrays.equals(multihash, that.multihash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(multihash);
    }

    @Override
    public String toString() {
        return text;
    }
}
