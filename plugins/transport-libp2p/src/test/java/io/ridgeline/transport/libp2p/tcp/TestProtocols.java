package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// What the js node serves, too: an echo, a sink that counts, and a stream that is reset.
public final class TestProtocols {
    public static final ProtocolBinding<Exchange> ECHO = new Protocol("/test/echo/1", Echo::new);
    public static final ProtocolBinding<Exchange> SINK = new Protocol("/test/sink/1", Sink::new);
    public static final ProtocolBinding<Exchange> RESET =
            new Protocol("/test/reset/1", Resetting::new);

    private TestProtocols() {}

    private interface Server {
        StreamReader serve(P2pStream stream);
    }

    private record Protocol(String id, Server server) implements ProtocolBinding<Exchange> {
        @Override
        public List<String> announce() {
            return List.of(id);
        }

        @Override
        public CompletionStage<Exchange> init(P2pStream stream, boolean initiator) {
            Exchange exchange = new Exchange(stream);
            stream.reader(initiator ? exchange : server.serve(stream));
            return CompletableFuture.completedFuture(exchange);
        }
    }

    /// The asking side: sends, ends its direction, and collects what comes back.
    public static final class Exchange implements StreamReader {
        private final P2pStream stream;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> result = new CompletableFuture<>();
        private ByteBuffer rest = ByteBuffer.allocate(0);

        Exchange(P2pStream stream) {
            this.stream = stream;
        }

        /// {@return completes with all that came back when the other end has closed, too}
        public CompletableFuture<byte[]> send(ByteBuffer bytes) {
            stream.connection()
                    .execute(() -> {
                        rest = bytes;
                        stream.onWritable(this::pump);
                        pump();
                    });
            return result;
        }

        private void pump() {
            while (rest.hasRemaining() && stream.writable()) {
                int length = Math.min(rest.remaining(), 32 * 1024);
                var _ = stream.write(rest.slice(rest.position(), length));
                rest.position(rest.position() + length);
            }
            if (!rest.hasRemaining()) {
                stream.closeWrite();
            }
        }

        @Override
        public void onData(ByteBuffer data) {
            byte[] copy = new byte[data.remaining()];
            data.get(copy);
            received.writeBytes(copy);
            stream.consumed(copy.length);
        }

        @Override
        public void onRemoteClosed() {
            result.complete(received.toByteArray());
        }

        @Override
        public void onReset(String reason) {
            result.completeExceptionally(new IllegalStateException(reason));
        }
    }

    private record Echo(P2pStream stream) implements StreamReader {
        @Override
        public void onData(ByteBuffer data) {
            int length = data.remaining();
            var _ =
                    stream.write(ByteBuffer.allocate(length).put(data).flip())
                            .thenRun(() -> stream.consumed(length));
        }

        @Override
        public void onRemoteClosed() {
            stream.closeWrite();
        }

        @Override
        public void onReset(String reason) {}
    }

    private static final class Sink implements StreamReader {
        private final P2pStream stream;
        private long count;

        Sink(P2pStream stream) {
            this.stream = stream;
        }

        @Override
        public void onData(ByteBuffer data) {
            count += data.remaining();
            stream.consumed(data.remaining());
        }

        @Override
        public void onRemoteClosed() {
            byte[] text = Long.toString(count).getBytes(StandardCharsets.US_ASCII);
            var _ = stream.write(ByteBuffer.wrap(text));
            stream.closeWrite();
        }

        @Override
        public void onReset(String reason) {}
    }

    private record Resetting(P2pStream stream) implements StreamReader {
        @Override
        public void onData(ByteBuffer data) {
            stream.reset("as asked");
        }

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(String reason) {}
    }
}
