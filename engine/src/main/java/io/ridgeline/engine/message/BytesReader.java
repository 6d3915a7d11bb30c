package io.ridgeline.engine.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// Reads what a [BytesWriter] wrote, within bounds: nothing behind the end is read, and nothing is
/// allocated that the bytes that are there do not justify.
public final class BytesReader {
    private final ByteBuffer bytes;

    /// @param bytes from position to limit
    public BytesReader(ByteBuffer bytes) {
        this.bytes = bytes.slice();
    }

    /// {@return how many bytes are left}
    public int remaining() {
        return bytes.remaining();
    }

    /// {@return a byte}
    public int u8() {
        need(1);
        return bytes.get() & 0xFF;
    }

    /// {@return four bytes}
    public int u32() {
        need(Integer.BYTES);
        return bytes.getInt();
    }

    /// {@return eight bytes}
    public long u64() {
        need(Long.BYTES);
        return bytes.getLong();
    }

    /// {@return an unsigned number}
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = (byte) u8();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("number longer than 64 bits");
    }

    /// {@return a number that is not negative}
    public long size() {
        long value = varint();
        if (value < 0) {
            throw new MalformedMessageException("number " + Long.toUnsignedString(value));
        }
        return value;
    }

    /// {@return a number of things of which each takes at least so many of the bytes left}
    public int count(int bytesEach) {
        long value = varint();
        if (value < 0 || value > remaining() / bytesEach) {
            throw new MalformedMessageException(
                    Long.toUnsignedString(value) + " of something in " + remaining() + " bytes");
        }
        return (int) value;
    }

    /// {@return a number that fits an int}
    public int small() {
        long value = varint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new MalformedMessageException("number " + Long.toUnsignedString(value));
        }
        return (int) value;
    }

    /// {@return whether a byte is 1}
    public boolean flag() {
        int value = u8();
        if (value > 1) {
            throw new MalformedMessageException("flag " + value);
        }
        return value == 1;
    }

    /// {@return an id}
    public UUID uuid() {
        need(2 * Long.BYTES);
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    /// {@return a string}
    public String string() {
        int length = count(1);
        byte[] utf8 = new byte[length];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /// {@return the next bytes as a view}
    public ByteBuffer raw(int length) {
        need(length);
        ByteBuffer view = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return view;
    }

    /// {@return the buffer that is read from, for what decodes itself}
    public ByteBuffer buffer() {
        return bytes;
    }

    private void need(int count) {
        if (count < 0 || count > bytes.remaining()) {
            throw new MalformedMessageException(
                    "needs " + count + " bytes, has " + bytes.remaining());
        }
    }
}
