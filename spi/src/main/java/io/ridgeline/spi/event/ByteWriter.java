package io.ridgeline.spi.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/// Writes to an array that grows.
final class ByteWriter {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /// Bytes kept for the length of a sized part until it is known; more are made room for.
    private static final int LENGTH_GUESS_BYTES = 2;

    private byte[] bytes;
    private int at;

    ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    static void putU64(byte[] bytes, int at, long value) {
        LONGS.set(bytes, at, value);
    }

    void skip(int count) {
        ensure(count);
        at += count;
    }

    void u64(long value) {
        ensure(Long.BYTES);
        putU64(bytes, at, value);
        at += Long.BYTES;
    }

    void varint(long value) {
        ensure(10);
        at = putVarint(at, value);
    }

    void zigzag(long value) {
        varint(value << 1 ^ value >> 63);
    }

    void string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        ensure(utf8.length);
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        at += utf8.length;
    }

    void strings(Collection<String> values) {
        varint(values.size());
        values.forEach(this::string);
    }

    void sized(ByteBuffer value) {
        int length = value.remaining();
        varint(length);
        ensure(length);
        value.get(value.position(), bytes, at, length);
        at += length;
    }

    /// Begins a part whose length is written before it once it is known.
    int beginSized() {
        skip(LENGTH_GUESS_BYTES);
        return at;
    }

    void endSized(int start) {
        int length = at - start;
        int lengthBytes = varintBytes(length);
        int shift = lengthBytes - LENGTH_GUESS_BYTES;
        if (shift != 0) {
            ensure(Math.max(shift, 0));
            System.arraycopy(bytes, start, bytes, start + shift, length);
            at += shift;
        }
        putVarint(start - LENGTH_GUESS_BYTES, length);
    }

    /// What was written, up to [#position]; not a copy.
    byte[] bytes() {
        return bytes;
    }

    int position() {
        return at;
    }

    private static int varintBytes(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    private int putVarint(int position, long value) {
        long rest = value;
        int to = position;
        while ((rest & ~0x7FL) != 0) {
            bytes[to++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[to++] = (byte) rest;
        return to;
    }

    private void ensure(int count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + count));
        }
    }
}
