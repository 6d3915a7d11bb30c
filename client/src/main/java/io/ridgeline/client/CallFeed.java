package io.ridgeline.client;

import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A feed of one call at a time: when a connection is lost, the next call asks another node, or the
/// same one again, for what is missing.
final class CallFeed implements Feed {
    private final Nodes nodes;
    private final ClientOptions options;
    private final Candidates candidates;
    private final Request request;
    private final boolean endless;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable FeedCall call;
    private boolean everAnswered;
    private int failures;
    private long progressNanos = System.nanoTime();

    /// @param candidates which nodes to ask
    /// @param endless whether an end is a lost connection, and patience has no limit
    CallFeed(
            Nodes nodes,
            ClientOptions options,
            Candidates candidates,
            Request request,
            boolean endless) {
        this.nodes = nodes;
        this.options = options;
        this.candidates = candidates;
        this.request = request;
        this.endless = endless;
    }

    @Override
    public byte @Nullable [] next() {
        try {
            while (closed.getCount() > 0) {
                if (nodes.isClosed()) {
                    close();
                    throw Feed.cancelled("the client was closed");
                }
                FeedCall current = call;
                if (current == null) {
                    start();
                    continue;
                }
                Object taken =
                        current.take(endless ? Long.MAX_VALUE : options.readTimeout().toNanos());
                if (taken instanceof byte[] message) {
                    everAnswered = true;
                    failures = 0;
                    progressNanos = System.nanoTime();
                    return message;
                } else if (taken instanceof FeedCall.Ended ended) {
                    call = null;
                    if (ended.status().isOk() && !endless) {
                        return null;
                    }
                    onEnd(current.node, ended);
                } else if (closed.getCount() > 0) {
                    giveUp("no answer for " + options.readTimeout().toSeconds() + " s");
                }
            }
            return null;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw Feed.cancelled("interrupted while reading");
        }
    }

    private void giveUp(String message) {
        close();
        throw Failure.of(ErrorCode.TIMEOUT, Outcome.NOTHING_HAPPENED, message).toException();
    }

    private void start() throws InterruptedException {
        long now = System.nanoTime();
        Node node = candidates.next(now);
        if (node == null) {
            pause(nodes.nanosUntilUsable(now));
            return;
        }
        FeedCall started = new FeedCall(node, request.of(new TreeSet<>()), any -> {});
        call = started;
        if (closed.getCount() > 0) {
            started.start();
        }
    }

    private void onEnd(Node node, FeedCall.Ended ended) throws InterruptedException {
        if (closed.getCount() == 0) {
            return;
        }
        Failure failure =
                UnaryCalls.notHappened(Failure.of(ended.status(), ended.trailers(), false), node);
        long now = System.nanoTime();
        if (failure.code() == ErrorCode.UNAVAILABLE) {
            node.failed(now, !everAnswered, failure.message());
        }
        boolean hopeless = options.failFast() && !everAnswered && nodes.allUnreachable();
        boolean patient = endless || now - progressNanos < options.readTimeout().toNanos();
        if (!candidates.mayTryOn(failure) || hopeless || !patient) {
            close();
            throw failure.toException();
        }
        boolean another = candidates.failed(node, failure);
        failures++;
        if (!another && (nodes.any(now) == null || failures > nodes.all().size())) {
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

    @Override
    public boolean caughtUp() {
        return true;
    }

    @Override
    public void close() {
        closed.countDown();
        FeedCall current = call;
        if (current != null) {
            current.cancel();
        }
    }
}
