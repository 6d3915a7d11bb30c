package io.ridgeline.runtime.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Reads protobuf fields from an array, within bounds, without objects.
///
/// A message is read with [#field] until it gives 0; a nested one by narrowing with [#enter] and
/// widening with [#leave].
final class ProtoInput {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int SIZED = 2;
    static final int FIXED32 = 5;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private int at;
    private int end;
    private int tag;

    ProtoInput(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /// Moves to the next field.
    ///
    /// @return its number; 0 at the end
    int field() {
        if (at >= end) {
            return 0;
        }
        long value = varint();
        tag = (int) value;
        int field = tag >>> 3;
        if (value >>> 32 != 0 || field == 0) {
            throw new MalformedProtoException("field tag " + Long.toUnsignedString(value));
        }
        return field;
    }

    /// Narrows to the nested message of the current field.
    ///
    /// @return what [#leave] needs
    int enter() {
        int length = size();
        int outer = end;
        end = at + length;
        return outer;
    }

    void leave(int outer) {
        at = end;
        end = outer;
    }

    /// The end of what the input is narrowed to.
    int end() {
        return end;
    }

    /// Leaves a nested message whose reading was given up somewhere inside.
    void abandon(int nestedEnd, int outer) {
        at = nestedEnd;
        end = outer;
    }

    int position() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    /// The length of the current sized field; its bytes are next.
    int size() {
        expect(SIZED);
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new MalformedProtoException(
                    Long.toUnsignedString(length) + " bytes announced, " + (end - at) + " there");
        }
        return (int) length;
    }

    void advance(int count) {
        at += count;
    }

    ByteBuffer bytes() {
        int length = size();
        ByteBuffer value = ByteBuffer.wrap(bytes, at, length);
        at += length;
        return value;
    }

    long number() {
        expect(VARINT);
        return varint();
    }

    long bigEndianLong(int offset) {
        return (long) LONGS.get(bytes, offset);
    }

    /// Text of a given length, which must be valid UTF-8 and, if asked for, without control
    /// characters.
    ///
    /// @throws InvalidTextException if it is not
    String text(int length, boolean controlsAllowed) {
        int from = at;
        at += length;
        for (int i = from; i < at; i++) {
            byte b = bytes[i];
            if (b < 0x20 || b == 0x7F) {
                return unusualText(from, length, controlsAllowed);
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    private String unusualText(int from, int length, boolean controlsAllowed) {
        String text;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes, from, length))
                            .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidTextException("not valid UTF-8", e);
        }
        if (!controlsAllowed && text.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidTextException("holds a control character", null);
        }
        return text;
    }

    void skip() {
        switch (tag & 7) {
            case VARINT -> varint();
            case FIXED64 -> skipBytes(8);
            case SIZED -> advance(size());
            case FIXED32 -> skipBytes(4);
            default -> throw new MalformedProtoException("wire type " + (tag & 7));
        }
    }

    private void skipBytes(int count) {
        if (count > end - at) {
            throw new MalformedProtoException("field cut off");
        }
        at += count;
    }

    private void expect(int wireType) {
        if ((tag & 7) != wireType) {
            throw new MalformedProtoException(
                    "field %d has wire type %d, expected %d"
                            .formatted(tag >>> 3, tag & 7, wireType));
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new MalformedProtoException("number cut off");
            }
            byte b = bytes[at++];
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedProtoException("number longer than 64 bits");
    }
}
