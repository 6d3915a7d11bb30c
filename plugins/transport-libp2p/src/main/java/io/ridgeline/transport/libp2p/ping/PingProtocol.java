package io.ridgeline.transport.libp2p.ping;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// libp2p's ping: 32 bytes that come back. Answers two streams per connection at most; more are
/// reset.
public final class PingProtocol implements ProtocolBinding<Pinger> {
    /// The protocol id.
    public static final String ID = "/ipfs/ping/1.0.0";

    static final int PING_BYTES = 32;

    private static final int STREAMS_PER_CONNECTION_MAX = 2;

    private final ConcurrentMap<P2pConnection, Integer> answering = new ConcurrentHashMap<>();

    @Override
    public List<String> announce() {
        return List.of(ID);
    }

    @Override
    public CompletionStage<Pinger> init(P2pStream stream, boolean initiator) {
        Pinger pinger = new Pinger(stream);
        if (initiator) {
            stream.reader(pinger);
            return CompletableFuture.completedFuture(pinger);
        }
        stream.reader(new Echo(stream));
        P2pConnection connection = stream.connection();
        int count = answering.merge(connection, 1, Integer::sum);
        var _ =
                stream.closed()
                        .whenComplete((_, _) ->
                                answering.computeIfPresent(
                                        connection, (_, n) -> n == 1 ? null : n - 1));
        if (count > STREAMS_PER_CONNECTION_MAX) {
            stream.reset("more than " + STREAMS_PER_CONNECTION_MAX + " ping streams");
        }
        return CompletableFuture.completedFuture(pinger);
    }

    /// Sends back whole pings. What has not left yet counts against the peer's window, so a peer
    /// that does not read its answers cannot go on asking.
    private static final class Echo implements StreamReader {
        private final P2pStream stream;
        private ByteBuffer next = ByteBuffer.allocate(PING_BYTES);

        Echo(P2pStream stream) {
            this.stream = stream;
        }

        @Override
        public void onData(ByteBuffer data) {
            while (data.hasRemaining()) {
                int count = Math.min(next.remaining(), data.remaining());
                next.put(data.slice(data.position(), count));
                data.position(data.position() + count);
                if (!next.hasRemaining()) {
                    var _ = stream.write(next.flip()).thenRun(() -> stream.consumed(PING_BYTES));
                    next = ByteBuffer.allocate(PING_BYTES);
                }
            }
        }

        @Override
        public void onRemoteClosed() {
            stream.closeWrite();
        }

        @Override
        public void onReset(String reason) {}
    }
}
