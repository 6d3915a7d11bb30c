package io.ridgeline.engine.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/// Writes numbers, strings and bytes to an array that grows. Big-endian; varints as LEB128.
public final class BytesWriter {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int at;

    /// @param capacity bytes to begin with
    public BytesWriter(int capacity) {
        bytes = new byte[capacity];
    }

    /// {@return how much was written}
    public int position() {
        return at;
    }

    /// Writes a byte.
    public void u8(int value) {
        ensure(1);
        bytes[at++] = (byte) value;
    }

    /// Replaces a byte.
    public void u8At(int position, int value) {
        bytes[position] = (byte) value;
    }

    /// Writes four bytes.
    public void u32(int value) {
        ensure(Integer.BYTES);
        INTS.set(bytes, at, value);
        at += Integer.BYTES;
    }

    /// Replaces four bytes.
    public void u32At(int position, int value) {
        INTS.set(bytes, position, value);
    }

    /// Writes eight bytes.
    public void u64(long value) {
        ensure(Long.BYTES);
        LONGS.set(bytes, at, value);
        at += Long.BYTES;
    }

    /// Writes an unsigned number in 1 to 10 bytes.
    public void varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    /// Writes an id.
    public void uuid(UUID value) {
        u64(value.getMostSignificantBits());
        u64(value.getLeastSignificantBits());
    }

    /// Writes a string behind its length.
    public void string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        ensure(utf8.length);
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        at += utf8.length;
    }

    /// Writes bytes without their length.
    public void raw(ByteBuffer value) {
        int length = value.remaining();
        ensure(length);
        value.get(value.position(), bytes, at, length);
        at += length;
    }

    /// {@return what was written; the writer must not be used any more}
    public ByteBuffer finish() {
        return ByteBuffer.wrap(bytes, 0, at);
    }

    private void ensure(int count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + count));
        }
    }
}
