package io.ridgeline.engine.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/// Gathers the messages of one turn to one peer and lane.
///
/// Layout, big-endian: u8 major version, u8 minor version, 16 bytes cluster id, varint bucket, u64
/// startedAt of the sender, then each message as u8 type, u32 length, body. A reader skips what it
/// does not know behind a body's known fields, and messages of unknown types.
public final class FrameWriter {
    /// Readers refuse any other.
    static final int MAJOR = 1;

    /// Raised when fields are added behind the known ones.
    static final int MINOR = 0;

    private final BytesWriter out;
    private int messages;

    /// A frame without messages.
    public FrameWriter(UUID clusterId, int bucket, long startedAt, int capacityBytes) {
        out = new BytesWriter(capacityBytes);
        out.u8(MAJOR);
        out.u8(MINOR);
        out.uuid(clusterId);
        out.varint(bucket);
        out.u64(startedAt);
    }

    /// Adds a message.
    public void add(Message message) {
        int start = out.position();
        out.u8(0);
        out.u32(0);
        int type = Codec.encode(message, out);
        out.u8At(start, type);
        out.u32At(start + 1, out.position() - start - 5);
        messages++;
    }

    /// {@return how many messages there are}
    public int messages() {
        return messages;
    }

    /// {@return how many bytes there are}
    public int lengthBytes() {
        return out.position();
    }

    /// {@return the frame; the writer must not be used any more}
    public ByteBuffer finish() {
        return out.finish();
    }
}
