package io.ridgeline.transport.libp2p.ping;

import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.StreamReader;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The asking side of ping: one at a time. Any thread may call it.
public final class Pinger implements StreamReader {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final P2pStream stream;
    private final byte[] sent = new byte[PingProtocol.PING_BYTES];
    private final ByteBuffer received = ByteBuffer.allocate(PingProtocol.PING_BYTES);
    private @Nullable CompletableFuture<Long> pending;
    private long sentAtNanos;

    Pinger(P2pStream stream) {
        this.stream = stream;
    }

    /// {@return completes with the round trip in nanoseconds; fails if another ping is under way}
    public CompletableFuture<Long> ping() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        stream.connection().execute(() -> pingNow(answer));
        return answer;
    }

    private void pingNow(CompletableFuture<Long> answer) {
        if (pending != null) {
            answer.completeExceptionally(new IllegalStateException("another ping is under way"));
            return;
        }
        pending = answer;
        RANDOM.nextBytes(sent);
        received.clear();
        sentAtNanos = System.nanoTime();
        var _ =
                stream.write(ByteBuffer.wrap(sent.clone()))
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            }
                        });
    }

    /// Ends the stream.
    public void close() {
        stream.connection().execute(stream::closeWrite);
    }

    @Override
    public void onData(ByteBuffer data) {
        stream.consumed(data.remaining());
        CompletableFuture<Long> answer = pending;
        if (answer == null || data.remaining() > received.remaining()) {
            throw new IllegalStateException("an answer to no ping");
        }
        received.put(data);
        if (received.hasRemaining()) {
            return;
        }
        pending = null;
        if (Arrays.equals(received.array(), sent)) {
            answer.complete(System.nanoTime() - sentAtNanos);
        } else {
            answer.completeExceptionally(new IllegalStateException("not what was sent"));
        }
    }

    @Override
    public void onRemoteClosed() {
        stream.closeWrite();
        onReset("closed by the peer");
    }

    @Override
    public void onReset(String reason) {
        CompletableFuture<Long> answer = pending;
        if (answer != null) {
            pending = null;
            answer.completeExceptionally(new IllegalStateException(reason));
        }
    }
}
