package io.ridgeline.client;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Pulls the messages of a read or subscription, and asks anew for what is missing when a
/// connection is lost. A bounded number of messages waits here; the server sends more only once
/// they are taken.
///
/// For one thread; only [#close] may come from another.
final class Feed implements AutoCloseable {
    private static final int AHEAD_MESSAGES = 6;
    private static final int MORE_MESSAGES = AHEAD_MESSAGES / 2;

    private final Nodes nodes;
    private final ClientOptions options;
    private final Supplier<Message> request;
    private final boolean endless;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Attempt attempt;
    private boolean everAnswered;
    private int failures;
    private long progressNanos = System.nanoTime();

    /// @param request what to ask for, made anew for each attempt
    /// @param endless whether an end is a lost connection, and patience has no limit
    Feed(Nodes nodes, ClientOptions options, Supplier<Message> request, boolean endless) {
        this.nodes = nodes;
        this.options = options;
        this.request = request;
        this.endless = endless;
    }

    /// Waits for the next message.
    ///
    /// @return null at the end, or once it was closed
    /// @throws RidgelineException if it is hopeless
    byte @Nullable [] next() {
        try {
            while (closed.getCount() > 0) {
                if (nodes.isClosed()) {
                    close();
                    throw cancelled("the client was closed");
                }
                Attempt current = attempt;
                if (current == null) {
                    if (!start()) {
                        continue;
                    }
                    current = attempt;
                }
                Object taken = current == null ? null : current.take();
                if (taken instanceof byte[] message) {
                    everAnswered = true;
                    failures = 0;
                    progressNanos = System.nanoTime();
                    return message;
                } else if (taken instanceof Ended ended) {
                    attempt = null;
                    if (ended.status().isOk() && !endless) {
                        return null;
                    }
                    if (current != null) {
                        onEnd(current.node, ended);
                    }
                } else if (closed.getCount() > 0) {
                    giveUp("no answer for " + options.readTimeout().toSeconds() + " s");
                }
            }
            return null;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw cancelled("interrupted while reading");
        }
    }

    private static RidgelineException cancelled(String message) {
        return Failure.of(ErrorCode.CANCELLED, Outcome.NOTHING_HAPPENED, message).toException();
    }

    private void giveUp(String message) {
        close();
        throw Failure.of(ErrorCode.TIMEOUT, Outcome.NOTHING_HAPPENED, message).toException();
    }

    /// @return false if there was no node to ask yet
    private boolean start() throws InterruptedException {
        long now = System.nanoTime();
        Node node = nodes.any(now);
        if (node == null) {
            pause(nodes.nanosUntilUsable(now));
            return false;
        }
        Message message = request.get();
        node.channel.resetConnectBackoff();
        ClientCall<Message, List<byte[]>> call =
                node.channel.newCall(Methods.feedOf(message), CallOptions.DEFAULT);
        Attempt started = new Attempt(node, call);
        attempt = started;
        if (closed.getCount() == 0) {
            return false;
        }
        call.start(started, new Metadata());
        call.request(AHEAD_MESSAGES);
        call.sendMessage(message);
        call.halfClose();
        return true;
    }

    private void onEnd(Node node, Ended ended) throws InterruptedException {
        if (closed.getCount() == 0) {
            return;
        }
        Failure failure =
                Failure.of(ended.status(), ended.trailers(), false).with(Outcome.NOTHING_HAPPENED);
        long now = System.nanoTime();
        if (failure.code() == ErrorCode.UNAVAILABLE) {
            failure = failure.with("cannot reach " + node.address + ": " + failure.message());
            node.failed(now, !everAnswered, failure.message());
        }
        boolean hopeless = options.failFast() && !everAnswered && nodes.allUnreachable();
        boolean patient = endless || now - progressNanos < options.readTimeout().toNanos();
        if (!failure.code().isTransient() || hopeless || !patient) {
            close();
            throw failure.toException();
        }
        nodes.avoid(node);
        failures++;
        if (nodes.any(now) == null || failures > nodes.all().size()) {
            pause(Math.max(failure.retryAfterMillis(), Backoff.millis(failures)) * 1_000_000);
        }
    }

    private void pause(long nanos) throws InterruptedException {
        // Closing ends the pause; the loop looks at it next.
        boolean ended = closed.await(nanos, TimeUnit.NANOSECONDS);
        if (!ended && !endless) {
            long idle = System.nanoTime() - progressNanos;
            if (idle > options.readTimeout().toNanos()) {
                giveUp("no server answered for " + options.readTimeout().toSeconds() + " s");
            }
        }
    }

    /// Whether a message is here already.
    boolean hasReady() {
        Attempt current = attempt;
        return current != null && !current.arrived.isEmpty();
    }

    @Override
    public void close() {
        closed.countDown();
        Attempt current = attempt;
        if (current != null) {
            current.cancel();
        }
    }

    /// How a call ended.
    private record Ended(Status status, Metadata trailers) {}

    /// One call. Its callbacks come from the client's event loop.
    private final class Attempt extends ClientCall.Listener<List<byte[]>> {
        final Node node;
        final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
        private final ClientCall<Message, List<byte[]>> call;
        private int taken;

        Attempt(Node node, ClientCall<Message, List<byte[]>> call) {
            this.node = node;
            this.call = call;
        }

        @Nullable Object take() throws InterruptedException {
            Object next =
                    endless
                            ? arrived.take()
                            : arrived.poll(options.readTimeout().toNanos(), TimeUnit.NANOSECONDS);
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

        void cancel() {
            call.cancel("closed by the reader", null);
            arrived.add(new Ended(Status.CANCELLED, new Metadata()));
        }

        @Override
        public void onMessage(List<byte[]> message) {
            arrived.add(message.get(0));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            arrived.add(new Ended(status, trailers));
        }
    }
}
