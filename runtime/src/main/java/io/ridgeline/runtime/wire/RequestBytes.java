package io.ridgeline.runtime.wire;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Leaves a request as the bytes that came, to be read by whoever knows what to do with it.
public final class RequestBytes implements MethodDescriptor.Marshaller<byte[]> {
    /// The only one.
    public static final RequestBytes MARSHALLER = new RequestBytes();

    private RequestBytes() {}

    @Override
    public InputStream stream(byte[] message) {
        return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            if (stream instanceof KnownLength) {
                byte[] message = new byte[stream.available()];
                int read = stream.readNBytes(message, 0, message.length);
                if (read == message.length) {
                    return message;
                }
                throw new IOException(read + " of " + message.length + " bytes");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
