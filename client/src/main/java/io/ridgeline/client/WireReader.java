package io.ridgeline.client;

/// Walks protobuf's wire format in an array without making objects.
final class WireReader {
    private final byte[] bytes;
    private int at;
    private final int end;

    WireReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
        if (offset < 0 || length < 0 || end > bytes.length) {
            throw new MalformedMessageException("a field reaches beyond its message");
        }
    }

    boolean hasMore() {
        return at < end;
    }

    int position() {
        return at;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new MalformedMessageException("a number is cut off");
            }
            byte b = bytes[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("a number is longer than 64 bits");
    }

    /// {@return field number and wire type}
    int tag() {
        return (int) varint();
    }

    /// {@return the length of the field that follows, which lies wholly inside the message}
    int length() {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new MalformedMessageException("a field reaches beyond its message");
        }
        return (int) length;
    }

    void skipBytes(int count) {
        if (count > end - at) {
            throw new MalformedMessageException("a field reaches beyond its message");
        }
        at += count;
    }

    /// Skips the value of a field that is not known here.
    void skip(int tag) {
        switch (tag & 7) {
            case WireWriter.VARINT -> varint();
            case WireWriter.FIXED64 -> skipBytes(Long.BYTES);
            case WireWriter.SIZED -> skipBytes(length());
            case WireWriter.FIXED32 -> skipBytes(Integer.BYTES);
            default -> throw new MalformedMessageException("wire type " + (tag & 7));
        }
    }

    static int sizedTag(int field) {
        return field << 3 | WireWriter.SIZED;
    }

    static int varintTag(int field) {
        return field << 3 | WireWriter.VARINT;
    }
}
