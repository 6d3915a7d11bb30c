package io.ridgeline.runtime.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes protobuf fields to an array that grows, with room in front for the header of a message
/// around it.
public final class ProtoOutput {
    private static final int VARINT_BYTES_MAX = 10;

    /// What an output that is used again holds on to at most.
    private static final int KEPT_BYTES_MAX = 1 << 20;

    /// Room for the tag and length of one enclosing message.
    private static final int HEADROOM_BYTES = 6;

    private byte[] bytes;
    private int start = HEADROOM_BYTES;
    private int at = HEADROOM_BYTES;

    /// @param capacity how much may be written before the array must grow
    public ProtoOutput(int capacity) {
        bytes = new byte[HEADROOM_BYTES + capacity];
    }

    /// {@return how many bytes were written}
    public int length() {
        return at - start;
    }

    /// {@return what was written, copied}
    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, start, at);
    }

    /// Forgets what was written, and keeps the array unless it has grown large.
    public void clear() {
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[KEPT_BYTES_MAX];
        }
        start = HEADROOM_BYTES;
        at = HEADROOM_BYTES;
    }

    /// {@return what was written, to be sent; this output must not be used before it was}
    public EncodedMessage toMessage() {
        return new EncodedMessage(bytes, start, at - start);
    }

    /// Makes all that was written the only field of a message around it. Once.
    public void wrap(int field) {
        int length = at - start;
        int position = start - varintBytes(length) - 1;
        if (position < 0 || field > 15) {
            throw new IllegalStateException("no room for field " + field);
        }
        start = position;
        bytes[position++] = (byte) (field << 3 | ProtoInput.SIZED);
        putVarint(position, length);
    }

    /// Makes room for so many bytes at once; the plain puts below rely on it.
    void ensure(int count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + count));
        }
    }

    void number(int field, long value) {
        if (value != 0) {
            ensure(2 * VARINT_BYTES_MAX);
            tag(field, ProtoInput.VARINT);
            at = putVarint(at, value);
        }
    }

    /// Our fields are numbered below 16, so that a tag is a byte.
    private void tag(int field, int wireType) {
        bytes[at++] = (byte) (field << 3 | wireType);
    }

    void unsigned(int field, int value) {
        number(field, value & 0xFFFFFFFFL);
    }

    void zigzag(int field, long value) {
        number(field, value << 1 ^ value >> 63);
    }

    void flag(int field, boolean value) {
        number(field, value ? 1 : 0);
    }

    void text(int field, String value) {
        if (value.isEmpty()) {
            return;
        }
        int length = value.length();
        int before = at;
        sizedHeader(field, length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                // Rare: most names are ASCII, and then need no array of their own.
                at = before;
                sized(field, value.getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[at++] = (byte) c;
        }
    }

    void sized(int field, byte[] value) {
        sizedHeader(field, value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        at += value.length;
    }

    /// The header of a field of so many bytes, with room made for them.
    void sizedHeader(int field, int length) {
        ensure(2 * VARINT_BYTES_MAX + length);
        tag(field, ProtoInput.SIZED);
        at = putVarint(at, length);
    }

    /// The array, to be written to at [#position]; valid until the next field.
    byte[] array() {
        return bytes;
    }

    int position() {
        return at;
    }

    void advance(int count) {
        at += count;
    }

    /// Begins a nested message.
    ///
    /// @param guess about how long it becomes; a wrong one costs a move of its bytes
    /// @return what [#end] needs
    int begin(int field, int guess) {
        ensure(2 * VARINT_BYTES_MAX + guess);
        tag(field, ProtoInput.SIZED);
        at += varintBytes(guess);
        return at;
    }

    void end(int begun, int guess) {
        int length = at - begun;
        int shift = varintBytes(length) - varintBytes(guess);
        if (shift != 0) {
            ensure(Math.max(shift, 0));
            System.arraycopy(bytes, begun, bytes, begun + shift, length);
            at += shift;
        }
        putVarint(begun - varintBytes(guess), length);
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
}
