package io.ridgeline.storage.file.index;

import java.nio.ByteBuffer;

/// Numbers of as many bytes as they need: LEB128.
final class Varints {
    private Varints() {}

    static void put(ByteBuffer to, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            to.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        to.put((byte) rest);
    }

    static long get(ByteBuffer from) {
        long value = 0;
        int shift = 0;
        byte b;
        do {
            b = from.get();
            value |= (b & 0x7FL) << shift;
            shift += 7;
        } while (b < 0);
        return value;
    }

    static void putSigned(ByteBuffer to, long value) {
        put(to, (value << 1) ^ (value >> 63));
    }

    static long getSigned(ByteBuffer from) {
        long value = get(from);
        return (value >>> 1) ^ -(value & 1);
    }
}
