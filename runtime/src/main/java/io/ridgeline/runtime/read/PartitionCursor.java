package io.ridgeline.runtime.read;

import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A place in a partition, or in one of its streams, that moves as events are read. Counts in
/// sequences of the partition, or in versions of the stream.
final class PartitionCursor {
    private final Partition partition;
    private final @Nullable StreamKey stream;
    private final Direction direction;
    private long next;

    /// @param stream null for the whole partition
    /// @param next the first sequence or version to be read
    PartitionCursor(
            Partition partition, @Nullable StreamKey stream, Direction direction, long next) {
        this.partition = partition;
        this.stream = stream;
        this.direction = direction;
        this.next = next;
    }

    Partition partition() {
        return partition;
    }

    @Nullable StreamKey stream() {
        return stream;
    }

    /// {@return the next sequence or version}
    long next() {
        return next;
    }

    /// Reads about a page of events; may block on the disk.
    ///
    /// @param lastIndex bound, inclusive
    /// @return whether there was anything
    boolean read(long lastIndex, int bytesMax, EventSink sink) {
        if (direction == Direction.BACKWARD && next < 0) {
            return false;
        }
        List<Entry> entries =
                stream == null
                        ? partition.reader().transactions(next, direction, lastIndex, bytesMax)
                        : partition.reader().stream(stream, next, direction, lastIndex, bytesMax);
        for (Entry entry : entries) {
            Transaction transaction = entry.transaction();
            boolean more =
                    direction == Direction.FORWARD
                            ? forward(transaction, sink)
                            : backward(transaction, sink);
            if (!more) {
                break;
            }
        }
        return !entries.isEmpty();
    }

    private boolean forward(Transaction transaction, EventSink sink) {
        Events events = transaction.events();
        while (events.next()) {
            if (isOurs(transaction, events) && number(events) >= next) {
                next = number(events) + 1;
                if (!sink.accept(partition, transaction, events)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Events can be walked one way only, so a transaction is walked again for each: it has a
    /// thousand events at most, and a walk steps over their bytes.
    private boolean backward(Transaction transaction, EventSink sink) {
        for (int place = transaction.eventCount() - 1; place >= 0; place--) {
            Events event = at(transaction, place);
            if (isOurs(transaction, event) && number(event) <= next) {
                next = number(event) - 1;
                if (!sink.accept(partition, transaction, event)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Events at(Transaction transaction, int place) {
        Events events = transaction.events();
        while (events.next()) {
            if (events.place() == place) {
                return events;
            }
        }
        throw new IllegalStateException("no event at place " + place);
    }

    private boolean isOurs(Transaction transaction, Events event) {
        // Streams of a transaction share its key, so the names decide.
        return stream == null
                || (event.stream().equals(stream.stream())
                        && transaction.partitionKey().equals(stream.partitionKey()));
    }

    private long number(Events event) {
        return stream == null ? event.sequence() : event.version();
    }
}
