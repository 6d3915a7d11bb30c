package io.ridgeline.client;

import java.util.Arrays;

/// Writes protobuf's wire format into one growing array. The messages of every append go through
/// it: building the generated objects first and encoding them then costs three times as much.
final class WireWriter {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int SIZED = 2;
    static final int FIXED32 = 5;

    private static final int VARINT_BYTES_MAX = 10;

    private byte[] bytes;
    private int at;

    WireWriter(int capacityBytes) {
        bytes = new byte[capacityBytes];
    }

    static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /// {@return the size of a field with a length, its tag of one byte included; 0 if it is empty}
    static int sizedField(int lengthBytes) {
        return lengthBytes == 0 ? 0 : 1 + varintSize(lengthBytes) + lengthBytes;
    }

    private void ensure(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(at + more, bytes.length * 2));
        }
    }

    WireWriter varint(long value) {
        if (bytes.length - at < VARINT_BYTES_MAX) {
            // Exactly, so that an array of the right size is never made larger.
            ensure(varintSize(value));
        }
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return this;
    }

    WireWriter tag(int field, int type) {
        return varint(field << 3 | type);
    }

    /// A number; nothing if it is 0.
    WireWriter number(int field, long value) {
        return value == 0 ? this : tag(field, VARINT).varint(value);
    }

    /// Bytes, or the UTF-8 of a string; nothing if there are none.
    WireWriter sized(int field, byte[] value) {
        return value.length == 0 ? this : tag(field, SIZED).varint(value.length).raw(value);
    }

    WireWriter raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        at += value.length;
        return this;
    }

    /// The head of a message of known length.
    WireWriter message(int field, int lengthBytes) {
        return tag(field, SIZED).varint(lengthBytes);
    }

    WireWriter bigEndian(long value) {
        ensure(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[at++] = (byte) (value >>> shift);
        }
        return this;
    }

    int position() {
        return at;
    }

    byte[] toBytes() {
        return at == bytes.length ? bytes : Arrays.copyOf(bytes, at);
    }
}
