package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamPromise;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multistream.MultistreamInitiator;
import io.ridgeline.transport.libp2p.multistream.MultistreamResponder;
import io.ridgeline.transport.libp2p.multistream.Negotiator;
import io.ridgeline.transport.libp2p.yamux.YamuxStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// The beginning of a stream: which protocol it is for. Hands over to the protocol, together with
/// what came behind the agreement.
///
/// @param <C> what the stream's user gets; for streams of the peer nobody asks
final class StreamNegotiation<C> implements StreamReader {
    private final MuxedConnection connection;
    private final YamuxStream stream;
    private final Negotiator negotiator;
    private final boolean initiator;
    private final StreamPromise<C> promise;
    private final Resolver<C> resolver;
    private final long startedAtTick;

    /// Finds the binding of an id that was agreed on.
    private interface Resolver<C> {
        ProtocolBinding<C> resolve(String id);
    }

    private StreamNegotiation(
            MuxedConnection connection,
            YamuxStream stream,
            Negotiator negotiator,
            boolean initiator,
            StreamPromise<C> promise,
            Resolver<C> resolver) {
        this.connection = connection;
        this.stream = stream;
        this.negotiator = negotiator;
        this.initiator = initiator;
        this.promise = promise;
        this.resolver = resolver;
        this.startedAtTick = connection.tick();
    }

    /// {@return the negotiation of a stream that we open}
    static <C> StreamNegotiation<C> outbound(
            MuxedConnection connection,
            YamuxStream stream,
            ProtocolBinding<C> binding,
            StreamPromise<C> promise) {
        return new StreamNegotiation<>(
                connection,
                stream,
                new MultistreamInitiator(binding.announce(), bytes -> discard(stream.write(bytes))),
                true,
                promise,
                _ -> binding);
    }

    /// {@return the negotiation of a stream that the peer has opened}
    static StreamNegotiation<?> inbound(
            MuxedConnection connection, YamuxStream stream, Protocols protocols) {
        return new StreamNegotiation<Object>(
                connection,
                stream,
                new MultistreamResponder(
                        id -> protocols.find(id).isPresent(),
                        bytes -> discard(stream.write(bytes))),
                false,
                new StreamPromise<>(new CompletableFuture<>(), new CompletableFuture<>()),
                id -> erased(protocols.find(id).orElseThrow()));
    }

    @SuppressWarnings("unchecked") // nobody reads the controller of a stream that the peer opened
    private static ProtocolBinding<Object> erased(ProtocolBinding<?> binding) {
        return (ProtocolBinding<Object>) binding;
    }

    private static void discard(Object unused) {
        // A write that fails means a stream that ends, and that is told to the reader.
    }

    void start() {
        negotiator.start();
    }

    boolean isOlderThan(long ticks) {
        return connection.tick() - startedAtTick > ticks;
    }

    void expire() {
        stream.reset("negotiation took too long");
    }

    @Override
    public void onData(ByteBuffer data) {
        int before = data.remaining();
        try {
            String agreed = negotiator.feed(data);
            stream.consumed(before - data.remaining());
            if (agreed != null) {
                handOver(agreed, data);
            }
        } catch (RuntimeException e) {
            fail(e);
            throw e;
        }
    }

    private void handOver(String protocol, ByteBuffer rest) {
        connection.onNegotiated(this);
        MuxedStream ready = new MuxedStream(connection, stream, protocol);
        var controller = resolver.resolve(protocol).init(ready, initiator);
        StreamReader reader = ready.currentReader();
        promise.stream().complete((P2pStream) ready);
        controller.whenComplete((result, failure) -> {
            if (failure == null) {
                promise.controller().complete(result);
            } else {
                promise.controller().completeExceptionally(failure);
            }
        });
        if (rest.hasRemaining()) {
            reader.onData(rest);
        }
    }

    @Override
    public void onRemoteClosed() {
        stream.reset("closed during negotiation");
    }

    @Override
    public void onReset(String reason) {
        fail(new CompletionException("stream reset in negotiation: " + reason, null));
    }

    private void fail(RuntimeException cause) {
        connection.onNegotiated(this);
        promise.stream().completeExceptionally(cause);
        promise.controller().completeExceptionally(cause);
    }
}
