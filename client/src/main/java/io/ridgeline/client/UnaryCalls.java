package io.ridgeline.client;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Short calls that change nothing and may therefore be repeated anywhere.
final class UnaryCalls {
    private static final long ASK_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// A node that does not answer within this share of the time is given up for another.
    private static final int SHARE_OF_ONE = 3;

    private final EventLoop loop;
    private final Nodes nodes;
    private final ClientOptions options;

    UnaryCalls(EventLoop loop, Nodes nodes, ClientOptions options) {
        this.loop = loop;
        this.nodes = nodes;
        this.options = options;
    }

    /// Asks one node once.
    <Q, R> void ask(
            MethodDescriptor<Q, R> method,
            Q request,
            Node node,
            Consumer<R> onAnswer,
            Consumer<Failure> onFailure) {
        ask(method, request, node, ASK_TIMEOUT_NANOS, onAnswer, onFailure);
    }

    /// {@return for how long to wait for a node's answer, so that there is time for others}
    static long share(long leftNanos) {
        return Math.max(leftNanos / SHARE_OF_ONE, 1);
    }

    /// Asks one after the other until one answers or the time is over.
    ///
    /// @param candidates which nodes
    <Q, R> CompletableFuture<R> call(
            MethodDescriptor<Q, R> method, Q request, Candidates candidates) {
        Call<Q, R> call =
                new Call<>(
                        method,
                        request,
                        candidates,
                        System.nanoTime() + options.timeout().toNanos());
        call.attempt(1, null);
        return call.result;
    }

    /// A request on its way from one node to the next. One step at a time.
    private final class Call<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private final Q request;
        private final Candidates candidates;
        private final long deadlineNanos;
        private final CompletableFuture<R> result = new CompletableFuture<>();

        Call(MethodDescriptor<Q, R> method, Q request, Candidates candidates, long deadlineNanos) {
            this.method = method;
            this.request = request;
            this.candidates = candidates;
            this.deadlineNanos = deadlineNanos;
        }

        /// @param last why the attempt before failed; null before the first
        private void attempt(int attempt, @Nullable Failure last) {
            long now = System.nanoTime();
            long left = deadlineNanos - now;
            Node node = candidates.next(now);
            boolean hopeless = node == null && options.failFast() && nodes.allUnreachable();
            if (left <= 0 || hopeless) {
                result.completeExceptionally(
                        (hopeless ? nodes.unreachable() : giveUp(last)).toException());
            } else if (node == null) {
                attemptAfter(nodes.nanosUntilUsable(now), attempt, last);
            } else {
                ask(
                        method,
                        request,
                        node,
                        nodes.all().size() > 1 ? share(left) : left,
                        answer -> {
                            node.answered();
                            result.complete(answer);
                        },
                        failure -> onFailure(node, attempt, notHappened(failure, node)));
            }
        }

        private void attemptAfter(long nanos, int attempt, @Nullable Failure last) {
            Timers.after(loop, nanos, () -> attempt(attempt, last));
        }

        private void onFailure(Node node, int attempt, Failure reason) {
            if (!candidates.mayTryOn(reason)) {
                node.answered();
                result.completeExceptionally(reason.toException());
                return;
            }
            note(node, reason);
            boolean another = candidates.failed(node, reason);
            long pause = Math.max(reason.retryAfterMillis(), Backoff.millis(attempt));
            attemptAfter(
                    another || options.failFast() ? 0 : TimeUnit.MILLISECONDS.toNanos(pause),
                    attempt + 1,
                    reason);
        }
    }

    private static Failure giveUp(@Nullable Failure last) {
        return last != null
                ? last
                : Failure.of(
                        ErrorCode.TIMEOUT, Outcome.NOTHING_HAPPENED, "no server answered in time");
    }

    /// Remembers of a node that it does not answer.
    static void note(Node node, Failure reason) {
        if (reason.code() == ErrorCode.UNAVAILABLE || reason.code() == ErrorCode.TIMEOUT) {
            node.failed(
                    System.nanoTime(), reason.code() == ErrorCode.UNAVAILABLE, reason.message());
        }
    }

    /// Reads change nothing, whatever became of them.
    static Failure notHappened(Failure failure, Node node) {
        Failure reason = failure.with(Outcome.NOTHING_HAPPENED);
        return reason.code() == ErrorCode.UNAVAILABLE
                ? reason.with("cannot reach " + node.address + ": " + reason.message())
                : reason;
    }

    /// Asks one node once.
    <Q, R> void ask(
            MethodDescriptor<Q, R> method,
            Q request,
            Node node,
            long timeoutNanos,
            Consumer<R> onAnswer,
            Consumer<Failure> onFailure) {
        node.channel.resetConnectBackoff();
        ClientCalls.asyncUnaryCall(
                node.channel.newCall(
                        method,
                        CallOptions.DEFAULT.withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS)),
                request,
                new StreamObserver<R>() {
                    @Override
                    public void onNext(R answer) {
                        onAnswer.accept(answer);
                    }

                    @Override
                    public void onError(Throwable error) {
                        onFailure.accept(
                                error instanceof StatusRuntimeException failed
                                        ? Failure.of(
                                                failed.getStatus(), failed.getTrailers(), false)
                                        : Failure.of(Status.fromThrowable(error), null, false));
                    }

                    @Override
                    public void onCompleted() {
                        // The answer was handed on when it came.
                    }
                });
    }
}
