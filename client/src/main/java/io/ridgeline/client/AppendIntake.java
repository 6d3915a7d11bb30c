package io.ridgeline.client;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Takes appends from all threads: finds room for each, and hands them to the event loop in the
/// order in which they came. What gathers while the loop is busy is handed over, and travels,
/// together.
final class AppendIntake {
    private final EventLoop loop;
    private final AppendDispatcher dispatcher;
    private final ClientOptions options;
    private final Budget budget;

    /// The appends that were submitted and not taken over yet, the latest on top.
    private final AtomicReference<@Nullable Pending> submitted = new AtomicReference<>();

    AppendIntake(
            EventLoop loop, AppendDispatcher dispatcher, ClientOptions options, Budget budget) {
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.options = options;
        this.budget = budget;
    }

    AppendResult send(Append append) {
        if (loop.inEventLoop()) {
            throw new IllegalStateException(
                    "send() waits for the client's own thread, and this is it: use sendAsync()");
        }
        Pending pending = pending(append);
        await(pending.sizeBytes(), pending.deadlineNanos);
        submit(pending);
        return Failure.await(
                pending,
                ErrorCode.INDETERMINATE,
                Outcome.UNKNOWN,
                "interrupted while waiting for the answer");
    }

    CompletableFuture<AppendResult> sendAsync(Append append) {
        Pending pending = pending(append);
        if (!budget.tryAcquire(pending.sizeBytes())) {
            pending.onFailed(overloaded());
            return pending;
        }
        submit(pending);
        return pending;
    }

    private Pending pending(Append append) {
        return new Pending(
                append,
                append.encode(options.timeout()),
                System.nanoTime() + append.timeoutOr(options.timeout()).toNanos());
    }

    /// Waits until there is room for one more.
    private void await(int sizeBytes, long deadlineNanos) {
        try {
            if (!budget.acquire(sizeBytes, deadlineNanos)) {
                throw overloaded().toException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.of(
                            ErrorCode.CANCELLED,
                            Outcome.NOTHING_HAPPENED,
                            "interrupted before the append was sent")
                    .toException();
        }
    }

    private Failure overloaded() {
        return Failure.of(
                ErrorCode.OVERLOADED,
                Outcome.NOTHING_HAPPENED,
                "this client has "
                        + budget.count()
                        + " appends under way, as many or as large as it may");
    }

    /// Hands over an append that has its room.
    void submit(Pending pending) {
        Pending top;
        do {
            top = submitted.get();
            pending.below = top;
        } while (!submitted.compareAndSet(top, pending));
        // Whoever finds the stack empty wakes the loop for all that come until it gets there.
        if (top == null) {
            try {
                loop.execute(this::takeOver);
            } catch (RejectedExecutionException e) {
                takeOver();
            }
        }
    }

    /// Waits as long as it takes until there is room for an append of an [Appender].
    void awaitRoom(Append.Encoded encoded) {
        await(encoded.bytes().length, System.nanoTime() + Long.MAX_VALUE / 2);
    }

    /// Takes room that may not be there, for what stands in the place of an append that had its
    /// own: on the event loop nobody can wait.
    void forceRoom(Append.Encoded encoded) {
        budget.force(encoded.bytes().length);
    }

    void releaseRoom(Append.Encoded encoded) {
        budget.release(1, encoded.bytes().length);
    }

    private void takeOver() {
        Pending top = submitted.getAndSet(null);
        Pending oldest = null;
        while (top != null) {
            Pending below = top.below;
            top.below = oldest;
            oldest = top;
            top = below;
        }
        dispatcher.takeOver(oldest);
    }
}
