package io.ridgeline.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Appends much, with many transactions under way at once, and keeps order where it matters:
/// transactions of one partition key take effect in the order in which they were added, retries
/// included, since the next one leaves only once the one before it is done.
///
/// After a transaction has failed for good nothing more is sent: [#add] and [#flush] throw what it
/// failed with, and what was added behind it fails with [ErrorCode#CANCELLED]. Thread-safe.
public final class Appender implements AutoCloseable {
    private final AppendIntake appends;
    private final ClientOptions options;
    private final Recovery recovery;
    private final int inFlightMax;
    private final Semaphore room;
    private final ConcurrentHashMap<String, Chained> lastOfKey = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Failure> firstFailure = new AtomicReference<>();

    Appender(AppendIntake appends, ClientOptions options, int inFlightMax, Recovery recovery) {
        this.appends = appends;
        this.options = options;
        this.inFlightMax = inFlightMax;
        this.room = new Semaphore(inFlightMax);
        this.recovery = recovery;
    }

    /// Decides what becomes of a transaction that failed for good.
    @FunctionalInterface
    public interface Recovery {
        /// Fails the appender, as without any recovery.
        Recovery NONE = (append, failure) -> CompletableFuture.failedStage(failure);

        /// Says what to append in its place, before anything that was added behind it. Called on
        /// the client's own thread: it must not block.
        ///
        /// @param append what failed
        /// @param failure why
        /// @return the transactions to append instead, of the same partition key, in order; empty
        ///   to skip it; a failed stage fails the appender
        CompletionStage<List<Append>> recover(Append append, RidgelineException failure);
    }

    /// Adds a transaction; waits while too many are under way. What becomes of it, [#flush] says.
    ///
    /// @param append must not be changed afterwards
    /// @throws RidgelineException what the first failed transaction failed with
    public void add(Append append) {
        enqueue(append);
    }

    /// Adds a transaction as [#add] does, for who wants its own result, too.
    ///
    /// @param append must not be changed afterwards
    /// @return completes when it took effect (on the client's own thread: what hangs on it must not
    ///   block), or fails; one that was recovered completes with the result of the last transaction
    ///   in its place, or with null if there is none
    /// @throws RidgelineException what the first failed transaction failed with
    public CompletableFuture<@Nullable AppendResult> track(Append append) {
        return enqueue(append).result;
    }

    private Chained enqueue(Append append) {
        throwIfFailed();
        Append.Encoded encoded = append.encode(options.timeout());
        try {
            room.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
        try {
            appends.awaitRoom(encoded);
        } catch (RidgelineException e) {
            room.release();
            throw e;
        }
        Chained next = new Chained(append, encoded);
        Chained before = lastOfKey.put(append.partitionKey(), next);
        if (before == null || !before.follow(next)) {
            start(next);
        }
        return next;
    }

    /// Waits until everything that was added is done.
    ///
    /// @throws RidgelineException what the first failed transaction failed with
    public void flush() {
        try {
            room.acquire(inFlightMax);
            room.release(inFlightMax);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
        throwIfFailed();
    }

    /// Waits until everything that was added is done.
    ///
    /// @throws RidgelineException what the first failed transaction failed with
    @Override
    public void close() {
        flush();
    }

    private void throwIfFailed() {
        Failure failure = firstFailure.get();
        if (failure != null) {
            throw failure.toException();
        }
    }

    private static RidgelineException interrupted() {
        return Failure.of(
                        ErrorCode.CANCELLED,
                        Outcome.UNKNOWN,
                        "interrupted while transactions were under way")
                .toException();
    }

    private void start(Chained chained) {
        if (firstFailure.get() == null) {
            send(chained, chained.append, chained.encoded, List.of());
        } else {
            cancel(chained);
            finish(chained);
        }
    }

    private void cancel(Chained chained) {
        appends.releaseRoom(chained.encoded);
        chained.result.completeExceptionally(
                Failure.of(
                                ErrorCode.CANCELLED,
                                Outcome.NOTHING_HAPPENED,
                                "not sent, since an earlier transaction failed")
                        .toException());
    }

    /// Sends a transaction that has its room, and then those that stand in its place with it.
    private void send(Chained chained, Append append, Append.Encoded encoded, List<Append> rest) {
        Duration timeout = append.timeoutOr(options.timeout());
        appends.submit(
                new Pending(append, encoded, System.nanoTime() + timeout.toNanos()) {
                    @Override
                    void onAppended(AppendResult result) {
                        if (rest.isEmpty()) {
                            chained.result.complete(result);
                            finish(chained);
                        } else {
                            sendInstead(chained, rest);
                        }
                    }

                    @Override
                    void onFailed(Failure failure) {
                        recover(chained, append, rest, failure);
                    }
                });
    }

    private void sendInstead(Chained chained, List<Append> instead) {
        Append first = instead.get(0);
        Append.Encoded encoded = first.encode(options.timeout());
        appends.forceRoom(encoded);
        send(chained, first, encoded, instead.subList(1, instead.size()));
    }

    private void recover(Chained chained, Append append, List<Append> rest, Failure failure) {
        recovery.recover(append, failure.toException())
                .whenComplete((instead, refused) -> {
                    if (refused != null || instead == null) {
                        fail(chained, failure);
                        return;
                    }
                    List<Append> all = new ArrayList<>(instead);
                    all.addAll(rest);
                    if (all.isEmpty()) {
                        chained.result.complete(null);
                        finish(chained);
                    } else {
                        sendInstead(chained, all);
                    }
                });
    }

    private void fail(Chained chained, Failure failure) {
        firstFailure.compareAndSet(null, failure);
        chained.result.completeExceptionally(failure.toException());
        finish(chained);
    }

    /// Lets the next one of the key go.
    private void finish(Chained finished) {
        Chained chained = finished;
        while (true) {
            Chained follower = chained.closeAndGetFollower();
            room.release();
            if (follower == null) {
                // Not if another came meanwhile: it found the end and started by itself.
                lastOfKey.remove(chained.append.partitionKey(), chained);
                return;
            } else if (firstFailure.get() == null) {
                start(follower);
                return;
            }
            cancel(follower);
            chained = follower;
        }
    }

    /// A transaction and the one that waits for it.
    private static final class Chained {
        final Append append;
        final Append.Encoded encoded;
        final CompletableFuture<@Nullable AppendResult> result = new CompletableFuture<>();

        /// The one that waits, or this one itself once none may wait any more.
        private final AtomicReference<@Nullable Chained> follower = new AtomicReference<>();

        Chained(Append append, Append.Encoded encoded) {
            this.append = append;
            this.encoded = encoded;
        }

        /// @return false if this one is done already
        boolean follow(Chained next) {
            return follower.compareAndSet(null, next);
        }

        @Nullable Chained closeAndGetFollower() {
            return follower.getAndSet(this);
        }
    }
}
