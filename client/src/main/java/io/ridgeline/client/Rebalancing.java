package io.ridgeline.client;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Finds out whether a feed's partitions can be shared out more evenly, since a node that was lost
/// is back: else it would have nothing to do, and others its work, for as long as the feed lives.
///
/// Looks from time to time while shares are uneven, and only then. A node is given what it is not
/// asked for already only if it answers and has what the reader had a while ago, so that nobody
/// waits for one that is down or catching up.
final class Rebalancing {
    private final ReplicaFinder finder;
    private final long pauseNanos;

    /// Whether shares may be uneven.
    private boolean due;

    private long dueNanos;

    /// Where the reader was when nodes were asked how far they are; null before that.
    private @Nullable Position before;

    /// What nodes have answered since.
    private Map<Node, Map<Integer, Long>> lastSequences = new ConcurrentHashMap<>();

    /// @param pauseNanos between two looks; up to as much at random comes on top, so that not all
    ///   clients come to a node at once
    Rebalancing(ReplicaFinder finder, long pauseNanos) {
        this.finder = finder;
        this.pauseNanos = pauseNanos;
    }

    /// The shares are others than before.
    void changed(long nowNanos) {
        due = true;
        before = null;
        later(nowNanos);
    }

    private void later(long nowNanos) {
        dueNanos = nowNanos + pauseNanos + ThreadLocalRandom.current().nextLong(pauseNanos);
    }

    /// {@return how long it takes until it is time to look}
    long nanosUntilDue(long nowNanos) {
        return due ? Math.max(0, dueNanos - nowNanos) : Long.MAX_VALUE;
    }

    /// Looks, when it is due.
    ///
    /// @param present what each node is asked for
    /// @param position of the reader
    /// @return what each node should be asked for instead; empty if it stays as it is
    Optional<Map<Node, SortedSet<Integer>>> look(
            Map<Node, SortedSet<Integer>> present, Position position, long nowNanos) {
        later(nowNanos);
        Replicas replicas = finder.known();
        SortedSet<Integer> all = new TreeSet<>();
        present.values().forEach(each -> all.addAll(each));
        if (largest(Shares.deal(all, replicas::of, Map.of())) >= largest(present)) {
            due = false;
            return Optional.empty();
        }
        Map<Node, SortedSet<Integer>> possible =
                Shares.deal(
                        all,
                        partition ->
                                replicas.of(partition).stream()
                                        .filter(node -> mayTake(node, partition, present))
                                        .toList(),
                        Map.of());
        boolean complete =
                possible.values().stream().mapToInt(each -> each.size()).sum() == all.size();
        if (complete && largest(possible) < largest(present)) {
            return Optional.of(possible);
        }
        ask(replicas.ofAny(all), present, position);
        return Optional.empty();
    }

    private static int largest(Map<Node, SortedSet<Integer>> shares) {
        return shares.values().stream().mapToInt(each -> each.size()).max().orElse(0);
    }

    private static SortedSet<Integer> share(Node node, Map<Node, SortedSet<Integer>> shares) {
        return shares.getOrDefault(node, Collections.emptySortedSet());
    }

    /// Asks those that could take something, for the next look.
    private void ask(List<Node> nodes, Map<Node, SortedSet<Integer>> present, Position position) {
        before = position;
        Map<Node, Map<Integer, Long>> answers = new ConcurrentHashMap<>();
        lastSequences = answers;
        // A node that is back may be so at another address.
        finder.refresh();
        for (Node node : nodes) {
            if (share(node, present).size() + 1 < largest(present)) {
                finder.howFar(node, answer -> answers.put(node, answer));
            }
        }
    }

    private boolean mayTake(Node node, int partition, Map<Node, SortedSet<Integer>> present) {
        if (share(node, present).contains(partition)) {
            return true;
        }
        Position reader = before;
        Long last = lastSequences.getOrDefault(node, Map.of()).get(partition);
        if (reader == null || last == null) {
            return false;
        }
        Position.Place place = reader.partitions().get(partition);
        return place == null || last >= place.sequence();
    }
}
