package io.ridgeline.client;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One call of a feed: keeps what arrives until it is taken, and lets the server send more only
/// then. Its callbacks come from the client's event loop.
final class FeedCall extends ClientCall.Listener<List<byte[]>> {
    private static final int AHEAD_MESSAGES = 6;
    private static final int MORE_MESSAGES = AHEAD_MESSAGES / 2;

    final Node node;
    private final Message request;
    private final ClientCall<Message, List<byte[]>> call;
    private final Consumer<FeedCall> onArrival;
    private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private int taken;
    private boolean cancelled;

    /// How a call ended.
    record Ended(Status status, Metadata trailers) {}

    /// @param onArrival is told that there is something to take
    FeedCall(Node node, Message request, Consumer<FeedCall> onArrival) {
        this.node = node;
        this.request = request;
        this.onArrival = onArrival;
        node.channel.resetConnectBackoff();
        call = node.channel.newCall(Methods.feedOf(request), CallOptions.DEFAULT);
    }

    /// Asks the node, unless it was cancelled.
    synchronized void start() {
        if (!cancelled) {
            call.start(this, new Metadata());
            call.request(AHEAD_MESSAGES);
            call.sendMessage(request);
            call.halfClose();
        }
    }

    /// Ends it; that is what it gives last.
    synchronized void cancel() {
        cancelled = true;
        call.cancel("closed by the reader", null);
        arrive(new Ended(Status.CANCELLED, new Metadata()));
    }

    /// {@return a message or [Ended]; null if nothing arrives in time}
    @Nullable Object take(long timeoutNanos) throws InterruptedException {
        return taken(arrived.poll(timeoutNanos, TimeUnit.NANOSECONDS));
    }

    private @Nullable Object taken(@Nullable Object next) {
        if (next instanceof byte[]) {
            node.answered();
            // In groups: each request may wake the event loop.
            if (++taken == MORE_MESSAGES) {
                taken = 0;
                call.request(MORE_MESSAGES);
            }
        }
        return next;
    }

    private void arrive(Object something) {
        arrived.add(something);
        onArrival.accept(this);
    }

    @Override
    public void onMessage(List<byte[]> message) {
        arrive(message.get(0));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        arrive(new Ended(status, trailers));
    }
}
