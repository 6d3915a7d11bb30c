package io.ridgeline.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import io.ridgeline.api.v1.PartitionCoordinator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends the appends that [AppendIntake] hands over by way of one [AppendLane] per node, repeats
/// what may be repeated, and settles each exactly once. Everything but [#close] happens on the
/// client's event loop, so there is nothing to lock.
final class AppendDispatcher {
    private static final long TICK_MILLIS = 50;
    private static final long STALL_NANOS = Duration.ofSeconds(5).toNanos();

    /// Beyond it a node that does not answer is asked whether it is there.
    private static final long PROBE_NANOS = Duration.ofSeconds(1).toNanos();

    /// Beyond it an append travels alone, so that it cannot hold up or break the call of the
    /// others.
    private static final int SHARED_BYTES_MAX = 1024 * 1024;

    private static final int LOST_CONNECTIONS_MAX = 2;
    private static final int HOPS_AT_ONCE = 3;

    private final EventLoop loop;
    private final Nodes nodes;
    private final Router router;
    private final ClientOptions options;
    private final Budget budget;

    private final Map<Node, AppendLane> lanes = new LinkedHashMap<>();
    private final Set<Pending> alone = new LinkedHashSet<>();
    private final Set<List<Pending>> delayed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Node> probed = new HashSet<>();
    private boolean ticking;
    private volatile boolean closed;

    /// @param budget in which each append has its room when it comes; given back when it is settled
    AppendDispatcher(
            EventLoop loop,
            Nodes nodes,
            UnaryCalls unaryCalls,
            ClientOptions options,
            Budget budget) {
        this.loop = loop;
        this.nodes = nodes;
        this.router = new Router(loop, nodes, unaryCalls);
        this.options = options;
        this.budget = budget;
    }

    /// Fails everything that is under way; from then on everything that comes.
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        loop.execute(() -> {
            Failure failure =
                    Failure.of(
                            ErrorCode.CANCELLED, Outcome.NOTHING_HAPPENED, "the client was closed");
            List<Pending> all = new ArrayList<>();
            forEachLive(all::add);
            for (Pending pending : all) {
                pending.maybeDone |= pending.sentNanos != 0;
                settle(pending, failure);
            }
            lanes.values().forEach(AppendLane::close);
        });
    }

    /// Takes over what was submitted.
    ///
    /// @param oldest the first; each has the next one [Pending#below] it
    void takeOver(@Nullable Pending oldest) {
        long now = System.nanoTime();
        router.askOnce();
        Pending next = oldest;
        while (next != null) {
            Pending pending = next;
            next = pending.below;
            pending.below = null;
            dispatch(pending, now);
        }
        flush();
        tickLater();
    }

    private void flush() {
        for (AppendLane lane : lanes.values()) {
            lane.flush();
        }
    }

    private void dispatch(Pending pending, long now) {
        if (closed) {
            settle(
                    pending,
                    Failure.of(
                            ErrorCode.CANCELLED, Outcome.NOTHING_HAPPENED, "the client is closed"));
            return;
        }
        Node node = nodes.forSlot(pending.slot, now);
        if (node == null) {
            if (options.failFast() && nodes.allUnreachable()) {
                settle(pending, nodes.unreachable());
            } else {
                later(List.of(pending), nodes.nanosUntilUsable(pending.slot, now));
            }
        } else if (pending.sizeBytes() > SHARED_BYTES_MAX
                || pending.lostConnections >= LOST_CONNECTIONS_MAX) {
            sendAlone(pending, node);
        } else {
            lane(node).enqueue(pending);
        }
    }

    private AppendLane lane(Node node) {
        AppendLane lane = lanes.get(node);
        if (lane == null) {
            lane = new AppendLane(node, loop, this);
            lanes.put(node, lane);
        }
        return lane;
    }

    void appended(Pending pending, AppendResult result) {
        if (!pending.settled) {
            pending.settled = true;
            budget.release(1, pending.sizeBytes());
            pending.onAppended(result);
        }
    }

    /// The node answered that it did not, or may not have, done it.
    void failed(Pending pending, Node node, Failure failure) {
        if (pending.settled) {
            return;
        }
        long now = System.nanoTime();
        pending.attempts++;
        pending.sentNanos = 0;
        long delayMillis = Math.max(failure.retryAfterMillis(), Backoff.millis(pending.attempts));
        switch (failure.code()) {
            case NOT_COORDINATOR -> {
                if (followHint(pending, node, failure) && pending.attempts <= HOPS_AT_ONCE) {
                    delayMillis = 0;
                }
            }
            case CIRCUIT_OPEN -> {
                if (detour(pending, node, failure, now) && pending.attempts <= HOPS_AT_ONCE) {
                    delayMillis = 0;
                }
            }
            case NOT_READY, QUORUM_UNAVAILABLE -> {
                nodes.avoid(node);
                router.lost(node);
            }
            default -> {}
        }
        retryOrSettle(pending, failure, now, delayMillis * 1_000_000);
    }

    /// The connection to the node is gone, and with it the answers to what was sent.
    void lost(Node node, List<Pending> sent, List<Pending> unsent, Failure failure) {
        for (Pending pending : sent) {
            pending.lostConnections++;
            pending.maybeDone = true;
            pending.sentNanos = 0;
        }
        List<Pending> again = new ArrayList<>(sent);
        again.addAll(unsent);
        again.removeIf(it -> it.settled);
        again.forEach(it -> it.lastFailure = failure);
        if (failure.code() == ErrorCode.UNRECOGNIZED) {
            // No such call, not allowed, or not our protocol: another attempt would end the same
            // way.
            again.forEach(it -> settle(it, failure));
            return;
        }
        nodes.avoid(node);
        router.lost(node);
        // All of them with one delay, so that they keep their order.
        long now = System.nanoTime();
        if (nodes.any(now) != null) {
            later(again, 0);
        } else if (options.failFast() && nodes.allUnreachable()) {
            again.forEach(it -> settle(it, nodes.unreachable()));
        } else {
            later(again, nodes.nanosUntilUsable(now));
        }
    }

    /// Goes where the refusal says.
    ///
    /// @return whether it says so
    private boolean followHint(Pending pending, Node node, Failure failure) {
        String address = failure.details().getOrDefault("coordinator_address", "");
        Node hinted =
                address.isEmpty()
                        ? nodes.named(failure.details().getOrDefault("coordinator", ""))
                        : nodes.at(address);
        if (hinted == null || hinted == node) {
            nodes.avoid(node);
            router.ask();
            return false;
        }
        nodes.route(pending.slot, hinted);
        return true;
    }

    /// Goes another way for as long as the node does not ask the coordinator.
    ///
    /// @return whether there is one
    private boolean detour(Pending pending, Node node, Failure failure, long now) {
        long hint = failure.retryAfterMillis();
        long millis = hint > 0 ? hint : Backoff.millis(pending.attempts);
        router.detour(
                node,
                pending.slot,
                failure.partition(),
                now,
                TimeUnit.MILLISECONDS.toNanos(millis));
        return nodes.forSlot(pending.slot, now) != null;
    }

    /// An answer says who coordinates a partition.
    void learn(PartitionCoordinator coordinator) {
        router.learn(coordinator);
    }

    private void retryOrSettle(Pending pending, Failure failure, long now, long delayNanos) {
        pending.lastFailure = failure;
        pending.maybeDone |= failure.outcome() == Outcome.UNKNOWN;
        if (failure.code().isTransient() && now + delayNanos - pending.deadlineNanos < 0) {
            later(List.of(pending), delayNanos);
        } else {
            settle(pending, failure);
        }
    }

    private void later(List<Pending> pendings, long delayNanos) {
        if (pendings.isEmpty()) {
            return;
        }
        List<Pending> batch = List.copyOf(pendings);
        delayed.add(batch);
        Timers.after(
                loop,
                delayNanos,
                () -> {
                    delayed.remove(batch);
                    long now = System.nanoTime();
                    for (Pending pending : batch) {
                        if (!pending.settled) {
                            dispatch(pending, now);
                        }
                    }
                    flush();
                });
        tickLater();
    }

    private void settle(Pending pending, Failure failure) {
        if (pending.settled) {
            return;
        }
        pending.settled = true;
        budget.release(1, pending.sizeBytes());
        pending.onFailed(pending.maybeDone ? afterUnknown(pending, failure) : failure);
    }

    /// After an attempt whose outcome is not known, only a conflict that can never go away shows
    /// that it had none and never will: a copy of the request may still be on its way.
    private static Failure afterUnknown(Pending pending, Failure failure) {
        boolean lasting =
                switch (failure.code()) {
                    case VERSION_CONFLICT ->
                            pending.append.isLastingConflict(
                                    failure.details().getOrDefault("stream", ""),
                                    failure.number("current_version", -1));
                    case EVENT_ID_CONFLICT -> true;
                    default -> false;
                };
        return lasting ? failure : failure.with(Outcome.UNKNOWN);
    }

    private void sendAlone(Pending pending, Node node) {
        alone.add(pending);
        pending.sentNanos = System.nanoTime();
        long left = Math.max(1, pending.deadlineNanos - pending.sentNanos);
        ClientCall<List<byte[]>, List<byte[]>> call =
                node.channel.newCall(
                        Methods.APPEND,
                        CallOptions.DEFAULT.withDeadlineAfter(left, TimeUnit.NANOSECONDS));
        call.start(new Answer(pending, node), new Metadata());
        call.request(2);
        byte[] bytes = pending.encoded.bytes();
        int head = pending.encoded.headLength();
        byte[] request = new byte[bytes.length - head];
        System.arraycopy(bytes, head, request, 0, request.length);
        call.sendMessage(List.of(request));
        call.halfClose();
    }

    private void forEachLive(Consumer<Pending> action) {
        lanes.values().forEach(it -> it.forEach(action));
        alone.forEach(action);
        delayed.forEach(it -> it.forEach(action));
    }

    private void tickLater() {
        if (!ticking && budget.count() > 0 && !closed) {
            ticking = true;
            Timers.after(loop, TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS), this::tick);
        }
    }

    private void tick() {
        ticking = false;
        long now = System.nanoTime();
        List<Pending> late = new ArrayList<>();
        forEachLive(it -> {
            if (!it.settled && now - it.deadlineNanos >= 0) {
                late.add(it);
            }
        });
        for (Pending pending : late) {
            pending.maybeDone |= pending.sentNanos != 0;
            settle(pending, timeout(pending));
        }
        for (AppendLane lane : List.copyOf(lanes.values())) {
            if (lane.waitsLongerThan(PROBE_NANOS, now)) {
                probe(lane);
            }
            lane.checkStalled(now, STALL_NANOS);
        }
        flush();
        tickLater();
    }

    /// Finds out whether a node that does not answer appends answers at all: a paused process or a
    /// link that drops what is sent shows in nothing else.
    private void probe(AppendLane lane) {
        Node node = lane.node();
        if (!probed.add(node)) {
            return;
        }
        router.ask(
                node,
                failure -> {
                    probed.remove(node);
                    if (failure != null
                            && (failure.code() == ErrorCode.TIMEOUT
                                    || failure.code() == ErrorCode.UNAVAILABLE)) {
                        lane.checkStalled(System.nanoTime(), PROBE_NANOS);
                    }
                });
    }

    private static Failure timeout(Pending pending) {
        Failure last = pending.lastFailure;
        if (last == null) {
            return Failure.of(ErrorCode.TIMEOUT, Outcome.NOTHING_HAPPENED, "no answer in time");
        }
        // The reason of the last refusal says more than that time is up.
        return last.with("no success in time; last: " + last.message());
    }

    /// The answer to an append that travels alone.
    private final class Answer extends ClientCall.Listener<List<byte[]>> {
        private final Pending pending;
        private final Node node;
        private byte @Nullable [] message;

        Answer(Pending pending, Node node) {
            this.pending = pending;
            this.node = node;
        }

        @Override
        public void onMessage(List<byte[]> parts) {
            message = parts.get(0);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> {
                alone.remove(pending);
                byte[] answer = message;
                if (status.isOk() && answer != null) {
                    node.answered();
                    appended(pending, new AppendResult(pending.append, answer, 0, answer.length));
                } else {
                    Failure failure = Failure.of(status, trailers, true);
                    if (failure.code() == ErrorCode.UNAVAILABLE) {
                        node.failed(System.nanoTime(), false, failure.message());
                        nodes.avoid(node);
                    }
                    failed(pending, node, failure);
                }
            });
        }
    }
}
