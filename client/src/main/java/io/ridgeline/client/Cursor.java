package io.ridgeline.client;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How far a read or subscription has come, so that it can go on over another connection without
/// gap or duplicate. For one thread.
final class Cursor {
    final Source source;
    private final boolean backward;
    private final boolean complete;

    /// The version or sequence that comes next; null for "as the server begins".
    private @Nullable Long next;

    private final TreeMap<Integer, Tail> seen = new TreeMap<>();

    /// The tail of the last event: events come in runs of one partition.
    private @Nullable Tail last;

    /// Whether it began at a position, so that partitions without a place are at their beginning;
    /// else they are where the server begins.
    private final boolean placed;

    /// Whether a checkpoint has come.
    private boolean checkpointed;

    /// All partitions; empty if it takes no more than one call to follow them.
    private Set<Integer> expected = Set.of();

    /// What was seen of a partition.
    private static final class Tail {
        final int partition;
        int history;
        long sequence;

        Tail(int partition, int history, long sequence) {
            this.partition = partition;
            this.history = history;
            this.sequence = sequence;
        }
    }

    /// @param next the first version or sequence; null for the first there is, or backward the last
    /// @param after for all partitions: what was seen before; null if the server is to begin at its
    ///   end
    /// @param complete whether every event is expected, rather than those that match a filter
    Cursor(
            Source source,
            @Nullable Long next,
            @Nullable Position after,
            boolean backward,
            boolean complete) {
        this.source = source;
        this.next = next;
        this.backward = backward;
        this.complete = complete;
        this.placed = after != null;
        if (after != null) {
            accept(after);
        }
    }

    /// From now on checkpoints are of a few partitions each.
    ///
    /// @param partitions all there are
    void expect(Set<Integer> partitions) {
        expected = Set.copyOf(partitions);
    }

    @Nullable Long next() {
        return next;
    }

    /// {@return whether every partition's place is known, rather than only of those that events
    /// came from}
    boolean isAnchored() {
        return placed || (expected.isEmpty() ? checkpointed : seen.keySet().containsAll(expected));
    }

    /// {@return whether a partition's place is known}
    boolean knows(int partition) {
        return placed || seen.containsKey(partition);
    }

    Position position() {
        SortedMap<Integer, Position.Place> places = new TreeMap<>();
        seen.forEach((id, it) -> places.put(id, new Position.Place(it.history, it.sequence)));
        return new Position(places);
    }

    /// Takes notice of an event.
    ///
    /// @return false if it was seen before
    /// @throws MalformedMessageException if one is missing before it
    boolean accept(RecordedEvent event) {
        int partition = event.partition();
        Tail tail = last;
        if (tail == null || tail.partition != partition) {
            tail = seen.get(partition);
        }
        if (source instanceof Source.Everything) {
            if (tail != null || isAnchored()) {
                long expected = tail == null ? 0 : tail.sequence + 1;
                if (event.sequence() < expected) {
                    return false;
                }
                check(event.sequence(), expected);
            }
        } else {
            long at = source instanceof Source.OneStream ? event.version() : event.sequence();
            Long expected = next;
            if (expected != null) {
                // Backward reads that start beyond the end begin at the end.
                boolean first = backward && tail == null;
                if (backward ? at > expected : at < expected) {
                    return false;
                }
                if (!first) {
                    check(at, expected);
                }
            }
            next = backward ? at - 1 : at + 1;
        }
        if (tail == null) {
            tail = new Tail(partition, 0, event.sequence());
            seen.put(partition, tail);
        } else {
            tail.sequence = event.sequence();
        }
        last = tail;
        return true;
    }

    private void check(long found, long expected) {
        if (complete && found != expected) {
            throw new MalformedMessageException(
                    "events are missing: expected "
                            + expected
                            + " of "
                            + source
                            + ", got "
                            + found);
        }
    }

    /// Takes notice of a checkpoint: all up to there was sent, or did not match.
    void accept(Position checkpoint) {
        checkpoint.partitions().forEach(this::accept);
        checkpointed = true;
    }

    private void accept(int partition, Position.Place place) {
        Tail tail = seen.get(partition);
        if (tail == null) {
            seen.put(partition, new Tail(partition, place.history(), place.sequence()));
        } else if (place.sequence() >= tail.sequence) {
            tail.history = place.history();
            tail.sequence = place.sequence();
        }
        if (source instanceof Source.OnePartition one && one.partition() == partition) {
            Long known = next;
            if (known == null || place.sequence() >= known) {
                next = place.sequence() + 1;
            }
        }
    }

    /// {@return whether nothing can come any more}
    boolean isExhausted() {
        Long known = next;
        return backward && known != null && known < 0;
    }
}
