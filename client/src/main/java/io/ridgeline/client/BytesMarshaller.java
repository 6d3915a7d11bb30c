package io.ridgeline.client;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/// Hands messages through as bytes: what is encoded once is sent as it is, what is received is
/// decoded where and when somebody looks at it.
final class BytesMarshaller implements Marshaller<List<byte[]>> {
    static final BytesMarshaller INSTANCE = new BytesMarshaller();

    private BytesMarshaller() {}

    @Override
    public InputStream stream(List<byte[]> parts) {
        return new Parts(parts);
    }

    @Override
    public List<byte[]> parse(InputStream stream) {
        try {
            // gRPC knows the length of what it has received.
            byte[] message = new byte[stream.available()];
            int length = stream.readNBytes(message, 0, message.length);
            int more = stream.read();
            if (length != message.length || more >= 0) {
                throw new IOException("a message of another length than it announced");
            }
            return List.of(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A message in parts, written without joining them first.
    private static final class Parts extends InputStream implements Drainable, KnownLength {
        private final List<byte[]> parts;
        private int remaining;
        private InputStream rest = InputStream.nullInputStream();
        private int next;

        Parts(List<byte[]> parts) {
            this.parts = parts;
            int sum = 0;
            for (byte[] part : parts) {
                sum += part.length;
            }
            this.remaining = sum;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int drained = remaining;
            rest.transferTo(target);
            for (; next < parts.size(); next++) {
                byte[] part = parts.get(next);
                target.write(part, 0, part.length);
            }
            remaining = 0;
            return drained;
        }

        @Override
        public int available() {
            return remaining;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = rest.read(target, offset, length);
            while (count < 0 && next < parts.size()) {
                rest = new ByteArrayInputStream(parts.get(next++));
                count = rest.read(target, offset, length);
            }
            if (count > 0) {
                remaining -= count;
            }
            return count;
        }
    }
}
