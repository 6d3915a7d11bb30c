package io.ridgeline.transport.libp2p.wire;

import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes the fields of a message in the order of the calls.
public final class ProtoWriter {
    static final int VARINT = 0;
    static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// Writes a number that is not negative.
    public ProtoWriter number(int field, long value) {
        tag(field, VARINT);
        out.writeBytes(Uvarint.encode(value));
        return this;
    }

    /// Writes bytes, or a message that is encoded already.
    public ProtoWriter bytes(int field, byte[] value) {
        tag(field, LENGTH_DELIMITED);
        out.writeBytes(Uvarint.encode(value.length));
        out.writeBytes(value);
        return this;
    }

    /// Writes text.
    public ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private void tag(int field, int wireType) {
        out.writeBytes(Uvarint.encode((long) field << 3 | wireType));
    }

    /// {@return the message}
    public byte[] toBytes() {
        return out.toByteArray();
    }
}
