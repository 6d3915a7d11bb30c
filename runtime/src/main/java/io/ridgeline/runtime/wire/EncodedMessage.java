package io.ridgeline.runtime.wire;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A message whose bytes are there already.
public final class EncodedMessage {
    private final byte[] bytes;
    private final int offset;
    private final int length;

    EncodedMessage(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    /// {@return a message of all bytes of an array, which must not change afterwards}
    public static EncodedMessage of(byte[] bytes) {
        return new EncodedMessage(bytes, 0, bytes.length);
    }

    /// {@return its length in bytes}
    public int length() {
        return length;
    }

    /// Sends the bytes as they are. Never parses: servers do not receive what they send.
    public static final MethodDescriptor.Marshaller<EncodedMessage> MARSHALLER =
            new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(EncodedMessage message) {
                    return new Stream(message);
                }

                @Override
                public EncodedMessage parse(InputStream stream) {
                    try {
                        return EncodedMessage.of(stream.readAllBytes());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            };

    /// Lets gRPC take the bytes with one copy.
    private static final class Stream extends ByteArrayInputStream
            implements Drainable, KnownLength {
        Stream(EncodedMessage message) {
            super(message.bytes, message.offset, message.length);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int rest = count - pos;
            target.write(buf, pos, rest);
            pos = count;
            return rest;
        }
    }
}
