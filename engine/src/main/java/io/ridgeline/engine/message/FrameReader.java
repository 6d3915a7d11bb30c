package io.ridgeline.engine.message;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Takes a frame apart.
public final class FrameReader {
    private final FrameHeader header;
    private final BytesReader in;

    /// Reads the header.
    ///
    /// @param frame must not change afterwards: entries are views of it
    /// @throws MalformedMessageException if it is none, or of another major version
    public FrameReader(ByteBuffer frame) {
        in = new BytesReader(frame);
        int major = in.u8();
        if (major != FrameWriter.MAJOR) {
            throw new MalformedMessageException(
                    "protocol major version " + major + ", known is " + FrameWriter.MAJOR);
        }
        header = new FrameHeader(in.u8(), in.uuid(), in.small(), in.u64());
    }

    /// {@return what the frame says once}
    public FrameHeader header() {
        return header;
    }

    /// {@return the next message of a known type, or null at the end}
    ///
    /// @throws MalformedMessageException if it is damaged
    public @Nullable Message next() {
        while (in.remaining() > 0) {
            int type = in.u8();
            BytesReader body = new BytesReader(in.raw(in.u32()));
            Message message = Codec.decode(type, body);
            if (message != null) {
                return message;
            }
        }
        return null;
    }
}
