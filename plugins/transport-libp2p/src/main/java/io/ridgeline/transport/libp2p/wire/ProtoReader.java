package io.ridgeline.transport.libp2p.wire;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads the fields of a message one by one. Fields that the caller does not ask for are skipped by
/// the next call of [#next].
///
/// Nothing is ever allocated beyond the size of the message, which its caller has bounded.
public final class ProtoReader {
    private static final int FIXED_64 = 1;
    private static final int FIXED_32 = 5;
    private static final int FIELD_MAX = (1 << 29) - 1;

    private final ByteBuffer in;
    private int wireType;
    private boolean pending;

    public ProtoReader(byte[] message) {
        this.in = ByteBuffer.wrap(message);
    }

    /// {@return the number of the next field, or 0 at the end}
    public int next() {
        if (pending) {
            skip();
        }
        if (!in.hasRemaining()) {
            return 0;
        }
        int tag = Uvarint.readInt(in, Integer.MAX_VALUE);
        wireType = tag & 7;
        int field = tag >>> 3;
        if (field == 0 || field > FIELD_MAX) {
            throw new MalformedException("field number " + field);
        }
        pending = true;
        return field;
    }

    /// {@return the number in the current field}
    public long number() {
        require(ProtoWriter.VARINT);
        long value = Uvarint.read(in);
        if (value == Uvarint.INCOMPLETE) {
            throw new MalformedException("message ends early");
        }
        return value;
    }

    /// {@return the bytes in the current field}
    ///
    /// @throws MalformedException if there are more than `max`
    public byte[] bytes(int max) {
        require(ProtoWriter.LENGTH_DELIMITED);
        byte[] value = new byte[length(max)];
        in.get(value);
        return value;
    }

    /// {@return the text in the current field}
    ///
    /// @throws MalformedException if it has more than `max` bytes or is not UTF-8
    public String text(int max) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(max)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("text is not UTF-8", e);
        }
    }

    private void require(int expected) {
        if (!pending || wireType != expected) {
            throw new MalformedException("wire type " + wireType + ", expected " + expected);
        }
        pending = false;
    }

    private int length(int max) {
        int length = Uvarint.readInt(in, max);
        if (length > in.remaining()) {
            throw new MalformedException("message ends early");
        }
        return length;
    }

    private void skip() {
        pending = false;
        int size =
                switch (wireType) {
                    case ProtoWriter.VARINT -> {
                        // Numbers that we do not know may be negative: ten bytes, not minimal.
                        skipVarint();
                        yield 0;
                    }
                    case FIXED_64 -> 8;
                    case ProtoWriter.LENGTH_DELIMITED -> length(in.remaining());
                    case FIXED_32 -> 4;
                    default -> throw new MalformedException("wire type " + wireType);
                };
        if (size > in.remaining()) {
            throw new MalformedException("message ends early");
        }
        in.position(in.position() + size);
    }

    private void skipVarint() {
        for (int i = 0; i < 10; i++) {
            if (!in.hasRemaining()) {
                throw new MalformedException("message ends early");
            }
            if (in.get() >= 0) {
                return;
            }
        }
        throw new MalformedException("varint is longer than 10 bytes");
    }
}
