package io.ridgeline.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A feed of all partitions where no node holds them all: a call to each of several nodes, for a
/// share of the partitions, and their messages in the order in which they arrive. When a node is
/// lost, its partitions go to others that hold them, which begin where the reader is; when it is
/// back, an endless feed shares them out anew.
///
/// Every partition is in the share of one call, or waits for a node that can take it, or is read to
/// its end. Few messages of each call wait here, so memory is bounded by the number of nodes.
final class SplitFeed implements Feed {
    /// How long partitions wait at most before it is tried again to find a node for them.
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /// How often servers are asked who holds what while no node can be found.
    private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Nodes nodes;
    private final ClientOptions options;
    private final ReplicaFinder finder;
    private final Cursor cursor;
    private final Request request;
    private final boolean endless;

    /// Calls that something has arrived from, once for each thing.
    private final LinkedBlockingQueue<FeedCall> ready = new LinkedBlockingQueue<>();

    private final Map<FeedCall, Share> shares = new ConcurrentHashMap<>();

    /// Partitions that no call asks for.
    private final SortedSet<Integer> waiting;

    /// When trouble began with partitions that have not been heard of since.
    private final SortedMap<Integer, Long> troubledNanos = new TreeMap<>();

    /// Nodes that answered that they cannot serve for now.
    private final Map<Refuser, Resting> resting = new HashMap<>();

    /// Partitions that a node could not serve. Each is in a call of its own until it answers, since
    /// a call is refused as a whole.
    private final SortedSet<Integer> refused = new TreeSet<>();

    private final Rebalancing rebalancing;
    private @Nullable Share last;
    private @Nullable Failure lastFailure;
    private boolean everAnswered;
    private long retryNanos = System.nanoTime();
    private long askedNanos = System.nanoTime() - ASK_NANOS;
    private volatile boolean closed;

    /// What one call was asked for.
    private static final class Share {
        final SortedSet<Integer> partitions;
        boolean answered;
        boolean caughtUp;

        Share(SortedSet<Integer> partitions) {
            this.partitions = partitions;
        }

        boolean mayGrow(Cursor cursor, Set<Integer> refused) {
            return partitions.stream()
                    .allMatch(each -> cursor.knows(each) && !refused.contains(each));
        }
    }

    /// @param partition the one that the node cannot serve; null for whatever it is asked for
    private record Refuser(Node node, @Nullable Integer partition) {}

    /// @param failures in a row
    /// @param untilNanos when it may be asked again
    private record Resting(int failures, long untilNanos) {}

    SplitFeed(
            Nodes nodes,
            ClientOptions options,
            ReplicaFinder finder,
            SortedSet<Integer> partitions,
            Cursor cursor,
            Request request,
            boolean endless) {
        this.nodes = nodes;
        this.options = options;
        this.finder = finder;
        this.cursor = cursor;
        this.request = request;
        this.endless = endless;
        this.waiting = new TreeSet<>(partitions);
        this.rebalancing = new Rebalancing(finder, options.rebalancing().toNanos());
    }

    @Override
    public byte @Nullable [] next() {
        try {
            long sinceNanos = System.nanoTime();
            while (!closed) {
                if (nodes.isClosed()) {
                    close();
                    throw Feed.cancelled("the client was closed");
                }
                dealOut();
                rebalance();
                if (shares.isEmpty() && waiting.isEmpty()) {
                    return null;
                }
                FeedCall call = ready.poll(patienceNanos(), TimeUnit.NANOSECONDS);
                if (call == null) {
                    checkPatience(sinceNanos);
                    continue;
                }
                Share share = shares.get(call);
                if (share == null) {
                    // Its partitions are asked for by another call.
                    continue;
                }
                Object taken = call.take(0);
                if (taken instanceof byte[] message) {
                    onMessage(call.node, share);
                    return message;
                } else if (taken instanceof FeedCall.Ended ended) {
                    shares.remove(call);
                    onEnd(call.node, share, ended);
                }
            }
            return null;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw Feed.cancelled("interrupted while reading");
        }
    }

    private void onMessage(Node node, Share share) {
        last = share;
        if (!share.answered) {
            share.answered = true;
            everAnswered = true;
            resting.remove(new Refuser(node, null));
            share.partitions.forEach(each -> resting.remove(new Refuser(node, each)));
            refused.removeAll(share.partitions);
            troubledNanos.keySet().removeAll(share.partitions);
        }
    }

    private void onEnd(Node node, Share share, FeedCall.Ended ended) {
        if (closed) {
            return;
        }
        if (ended.status().isOk() && !endless) {
            troubledNanos.keySet().removeAll(share.partitions);
            return;
        }
        Failure failure =
                UnaryCalls.notHappened(Failure.of(ended.status(), ended.trailers(), false), node);
        long now = System.nanoTime();
        if (failure.code() == ErrorCode.UNAVAILABLE) {
            node.failed(now, !share.answered, failure.message());
        } else if (failure.code().isTransient()) {
            rest(node, share, failure, now);
        } else {
            close();
            throw failure.toException();
        }
        if (failure.code() == ErrorCode.NOT_REPLICA) {
            ask(now);
        }
        lastFailure = failure;
        waiting.addAll(share.partitions);
        share.partitions.forEach(each -> troubledNanos.putIfAbsent(each, now));
        retryNanos = now;
        checkTrouble(share.partitions, now);
    }

    private void rest(Node node, Share share, Failure failure, long now) {
        Integer partition = failure.partition();
        boolean named = partition != null && share.partitions.contains(partition);
        if (named) {
            refused.add(partition);
        }
        Refuser refuser = new Refuser(node, named ? partition : null);
        Resting before = resting.get(refuser);
        int failures = before == null ? 1 : before.failures() + 1;
        long millis = Math.max(failure.retryAfterMillis(), Backoff.millis(failures));
        resting.put(refuser, new Resting(failures, now + TimeUnit.MILLISECONDS.toNanos(millis)));
    }

    private void ask(long now) {
        if (now - askedNanos >= ASK_NANOS) {
            askedNanos = now;
            finder.refresh();
        }
    }

    /// Finds nodes for the partitions that wait for one.
    private void dealOut() {
        long now = System.nanoTime();
        if (waiting.isEmpty() || now - retryNanos < 0) {
            return;
        }
        Replicas replicas = finder.known();
        Map<Node, Integer> load = new HashMap<>();
        shares.forEach(
                (call, share) -> load.merge(call.node, share.partitions.size(), Integer::sum));
        Shares.deal(waiting, each -> usable(replicas.of(each), each, now), load)
                .forEach((node, partitions) -> {
                    waiting.removeAll(partitions);
                    give(node, partitions);
                    rebalancing.changed(now);
                });
        if (!waiting.isEmpty()) {
            retryNanos = now + RETRY_NANOS;
            ask(now);
            checkHope(replicas);
            checkTrouble(waiting, now);
        }
    }

    private List<Node> usable(List<Node> candidates, int partition, long now) {
        return candidates.stream()
                .filter(node -> node.isUsable(now))
                .filter(node -> !rests(new Refuser(node, null), now))
                .filter(node -> !rests(new Refuser(node, partition), now))
                .toList();
    }

    private boolean rests(Refuser refuser, long now) {
        Resting found = resting.get(refuser);
        return found != null && now - found.untilNanos() < 0;
    }

    /// Asks a node for more partitions: with those that it is asked for already, so that the calls
    /// do not become more with every node that is lost. Those whose place is not known yet begin at
    /// their end, and cannot be asked for together with those that begin at a place.
    private void give(Node node, SortedSet<Integer> partitions) {
        SortedSet<Integer> placed = new TreeSet<>();
        SortedSet<Integer> unplaced = new TreeSet<>();
        for (int partition : partitions) {
            if (refused.contains(partition)) {
                start(node, new TreeSet<>(Set.of(partition)));
            } else if (cursor.knows(partition)) {
                placed.add(partition);
            } else {
                unplaced.add(partition);
            }
        }
        if (!placed.isEmpty()) {
            shares.forEach((call, share) -> {
                if (call.node == node && share.mayGrow(cursor, refused)) {
                    placed.addAll(share.partitions);
                    shares.remove(call);
                    call.cancel();
                }
            });
            start(node, placed);
        }
        if (!unplaced.isEmpty()) {
            start(node, unplaced);
        }
    }

    /// Asks other nodes instead, once that makes the shares more even. Calls end and begin as when
    /// a node is lost: from the reader's place, whatever has arrived and was not taken yet.
    private void rebalance() {
        long now = System.nanoTime();
        if (!endless || rebalancing.nanosUntilDue(now) > 0) {
            return;
        }
        Map<Node, SortedSet<Integer>> present = new HashMap<>();
        boolean movable = waiting.isEmpty();
        for (Map.Entry<FeedCall, Share> each : shares.entrySet()) {
            Share share = each.getValue();
            // A partition without a place would begin at its end again.
            movable &= share.answered && share.mayGrow(cursor, refused);
            present.computeIfAbsent(each.getKey().node, it -> new TreeSet<>())
                    .addAll(share.partitions);
        }
        if (!movable) {
            rebalancing.changed(now);
            return;
        }
        rebalancing
                .look(present, cursor.position(), now)
                .ifPresent(better -> {
                    shares.keySet().forEach(FeedCall::cancel);
                    shares.clear();
                    better.forEach(this::start);
                    rebalancing.changed(now);
                });
    }

    private void start(Node node, SortedSet<Integer> partitions) {
        FeedCall call = new FeedCall(node, request.of(partitions), ready::add);
        shares.put(call, new Share(partitions));
        if (closed) {
            call.cancel();
        }
        call.start();
    }

    /// Fails at once if that is wanted and no node can be reached that holds some partition.
    private void checkHope(Replicas replicas) {
        if (!options.failFast() || everAnswered) {
            return;
        }
        for (int partition : waiting) {
            List<Node> holding = replicas.of(partition);
            if (!holding.isEmpty() && holding.stream().allMatch(Node::isUnreachable)) {
                close();
                throw Failure.of(
                                ErrorCode.UNAVAILABLE,
                                Outcome.NOTHING_HAPPENED,
                                "no node that holds partition %s: %s"
                                        .formatted(
                                                Integer.toUnsignedString(partition),
                                                holding.get(0).problem()))
                        .toException();
            }
        }
    }

    private long patienceNanos() {
        if (!waiting.isEmpty()) {
            return RETRY_NANOS;
        }
        return endless
                ? rebalancing.nanosUntilDue(System.nanoTime())
                : options.readTimeout().toNanos();
    }

    private void checkPatience(long sinceNanos) {
        long now = System.nanoTime();
        boolean allAsked = waiting.isEmpty();
        if (!endless && allAsked && now - sinceNanos >= options.readTimeout().toNanos()) {
            giveUp("no answer for " + options.readTimeout().toSeconds() + " s");
        }
    }

    private void checkTrouble(SortedSet<Integer> partitions, long now) {
        if (endless) {
            return;
        }
        for (int partition : partitions) {
            long sinceNanos = troubledNanos.computeIfAbsent(partition, it -> now);
            if (now - sinceNanos >= options.readTimeout().toNanos()) {
                Failure failure = lastFailure;
                giveUp(
                        "no node that holds partition %s has answered for %d s%s"
                                .formatted(
                                        Integer.toUnsignedString(partition),
                                        options.readTimeout().toSeconds(),
                                        failure == null ? "" : "; " + failure.message()));
            }
        }
    }

    private void giveUp(String message) {
        close();
        throw Failure.of(ErrorCode.TIMEOUT, Outcome.NOTHING_HAPPENED, message).toException();
    }

    @Override
    public boolean caughtUp() {
        Share share = last;
        if (share != null) {
            share.caughtUp = true;
        }
        return waiting.isEmpty() && shares.values().stream().allMatch(it -> it.caughtUp);
    }

    @Override
    public void close() {
        closed = true;
        shares.keySet().forEach(FeedCall::cancel);
    }
}
