package io.ridgeline.transport.libp2p.multiformats;

import java.nio.ByteBuffer;

/// Unsigned varints: 7 bits a byte, least significant group first, at most 9 bytes and in the
/// shortest form only (multiformats/unsigned-varint).
public final class Uvarint {
    /// What [#read] answers when the bytes end before the number does.
    public static final long INCOMPLETE = -1;

    private static final int BYTES_MAX = 9;

    private Uvarint() {}

    /// {@return the length in bytes of a value, which is not negative}
    public static int size(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative: " + value);
        }
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    /// Writes a value that is not negative.
    public static void write(long value, ByteBuffer out) {
        if (value < 0) {
            throw new IllegalArgumentException("negative: " + value);
        }
        long rest = value;
        while (rest >= 0x80) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /// {@return the encoding of a value}
    public static byte[] encode(long value) {
        ByteBuffer out = ByteBuffer.allocate(size(value));
        write(value, out);
        return out.array();
    }

    /// Reads a value, or answers [#INCOMPLETE] and leaves the position where it was.
    ///
    /// @throws MalformedException if it is longer than 9 bytes or than it need be
    public static long read(ByteBuffer in) {
        int start = in.position();
        long value = 0;
        for (int i = 0; i < BYTES_MAX; i++) {
            if (!in.hasRemaining()) {
                in.position(start);
                return INCOMPLETE;
            }
            byte next = in.get();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                if (next == 0 && i > 0) {
                    throw new MalformedException("varint is longer than it need be");
                }
                return value;
            }
        }
        throw new MalformedException("varint is longer than " + BYTES_MAX + " bytes");
    }

    /// Reads a value that must be there.
    ///
    /// @throws MalformedException if it ends early or is above `max`
    public static int readInt(ByteBuffer in, int max) {
        long value = read(in);
        if (value == INCOMPLETE) {
            throw new MalformedException("varint ends early");
        }
        if (value > max) {
            throw new MalformedException("varint " + value + " is above " + max);
        }
        return (int) value;
    }
}
