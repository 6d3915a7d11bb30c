package io.ridgeline.client;

import com.google.protobuf.Message;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.Direction;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import java.util.SortedSet;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// A read being described. Without more it reads everything that the answering node knows to be
/// confirmed, from the oldest event on.
///
/// ```java
/// try (var events = client.read(Source.stream("orders-42")).stream()) { … }
/// ```
public final class Read {
    private final Feeds feeds;
    private final Source source;
    private @Nullable Long from;
    private Position after = Position.START;
    private long limit = -1;
    private boolean backward;
    private Consistency consistency = Consistency.LOCAL;
    private Position atLeast = Position.START;

    Read(Feeds feeds, Source source) {
        this.feeds = feeds;
        this.source = source;
    }

    /// Starts at a version of the stream, or a sequence of the partition, that one included.
    ///
    /// @param first from 0
    /// @throws IllegalStateException for a read of all partitions: see [#after]
    public Read from(long first) {
        if (source instanceof Source.Everything) {
            throw new IllegalStateException("all partitions have no common number: use after()");
        }
        if (first < 0) {
            throw new IllegalArgumentException("from " + first + " is below 0");
        }
        from = first;
        return this;
    }

    /// Starts behind a position, in a read of all partitions.
    ///
    /// @param position what was seen before
    /// @throws IllegalStateException for a read of a stream or partition: see [#from]
    public Read after(Position position) {
        if (!(source instanceof Source.Everything)) {
            throw new IllegalStateException("a stream or partition has numbers: use from()");
        }
        after = position;
        return this;
    }

    /// Ends after so many events.
    ///
    /// @param count at least 0
    public Read limit(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("limit " + count + " is below 0");
        }
        limit = count;
        return this;
    }

    /// Goes from newer to older events, from the last one if [#from] is not given.
    ///
    /// @throws IllegalStateException for a read of all partitions
    public Read backward() {
        if (source instanceof Source.Everything) {
            throw new IllegalStateException("all partitions can only be read forward");
        }
        backward = true;
        return this;
    }

    /// Shows at least what was acknowledged before the read began, whoever wrote it.
    public Read linearizable() {
        consistency = Consistency.LINEARIZABLE;
        return this;
    }

    /// Shows at least what was seen before, such as the own writes: see [AppendResult#position].
    ///
    /// @param position what must be visible
    public Read atLeast(Position position) {
        consistency = Consistency.SESSION;
        atLeast = position;
        return this;
    }

    /// {@return the events; close it unless it is read to its end}
    public EventIterator iterator() {
        Cursor cursor = new Cursor(source, from, after, backward, true);
        // The feed asks for what the iterator still lacks, and the iterator reads the feed.
        EventIterator[] self = new EventIterator[1];
        Feed feed =
                feeds.open(
                        cursor,
                        partitions -> request(cursor, self[0].remaining(), partitions),
                        false);
        self[0] = new EventIterator(feed, cursor, limit);
        return self[0];
    }

    /// {@return the events, sequential; close it unless it is read to its end}
    public Stream<RecordedEvent> stream() {
        EventIterator events = iterator();
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(
                                events,
                                Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE),
                        false)
                .onClose(events::close);
    }

    private Message request(Cursor cursor, long remaining, SortedSet<Integer> partitions) {
        long limitOrNone = Math.max(remaining, 0);
        Direction direction = backward ? Direction.BACKWARD : Direction.FORWARD;
        Long next = cursor.next();
        if (source instanceof Source.OneStream one) {
            ReadStreamRequest.Builder request =
                    ReadStreamRequest.newBuilder()
                            .setStream(one.stream())
                            .setPartitionKey(one.partitionKey())
                            .setLimit(limitOrNone)
                            .setDirection(direction)
                            .setConsistency(consistency)
                            .setAfter(atLeast.toMessage());
            if (next != null) {
                request.setFromVersion(next);
            }
            return request.build();
        } else if (source instanceof Source.OnePartition one) {
            ReadPartitionRequest.Builder request =
                    ReadPartitionRequest.newBuilder()
                            .setPartition(one.partition())
                            .setLimit(limitOrNone)
                            .setDirection(direction)
                            .setConsistency(consistency)
                            .setAfter(atLeast.toMessage());
            if (next != null) {
                request.setFromSequence(next);
            }
            return request.build();
        }
        return ReadAllRequest.newBuilder()
                .setAfter(cursor.position().toMessage())
                .setLimit(limitOrNone)
                .setConsistency(consistency)
                .addAllPartitions(partitions)
                .build();
    }
}
