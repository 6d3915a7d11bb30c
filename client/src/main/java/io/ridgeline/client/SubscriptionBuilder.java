package io.ridgeline.client;

import com.google.protobuf.Message;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.api.v1.SubscribeRequest.AllSource;
import io.ridgeline.api.v1.SubscribeRequest.PartitionSource;
import io.ridgeline.api.v1.SubscribeRequest.StreamSource;
import io.ridgeline.api.v1.Tag;
import java.util.SortedSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A subscription being described. Without more it starts at the oldest event and takes all.
public final class SubscriptionBuilder {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final Feeds feeds;
    private final Source source;
    private final Filter.Builder filter = Filter.newBuilder();
    private long from;
    private Position after = Position.START;
    private boolean atEnd;
    private int checkpointEvents;
    private Executor executor =
            task -> {
                Thread thread =
                        new Thread(task, "ridgeline-subscription-" + THREADS.incrementAndGet());
                thread.setDaemon(true);
                thread.start();
            };

    SubscriptionBuilder(Feeds feeds, Source source) {
        this.feeds = feeds;
        this.source = source;
    }

    /// Starts at a version of the stream, or a sequence of the partition, that one included.
    ///
    /// @param first from 0
    /// @throws IllegalStateException for all partitions: see [#after]
    public SubscriptionBuilder from(long first) {
        if (source instanceof Source.Everything) {
            throw new IllegalStateException("all partitions have no common number: use after()");
        }
        if (first < 0) {
            throw new IllegalArgumentException("from " + first + " is below 0");
        }
        from = first;
        atEnd = false;
        return this;
    }

    /// Starts behind a position, such as a stored checkpoint.
    ///
    /// @param position what was seen before
    /// @throws IllegalStateException for a stream: see [#from]
    public SubscriptionBuilder after(Position position) {
        if (source instanceof Source.OneStream) {
            throw new IllegalStateException("a stream is followed from a version: use from()");
        } else if (source instanceof Source.OnePartition one) {
            Position.Place place = position.partitions().get(one.partition());
            from = place == null ? 0 : place.sequence() + 1;
        }
        after = position;
        atEnd = false;
        return this;
    }

    /// Takes only events that come after the start.
    public SubscriptionBuilder fromEnd() {
        atEnd = true;
        return this;
    }

    /// Takes only streams that begin with this, or with one of those given before.
    ///
    /// @param prefix of the stream
    public SubscriptionBuilder streamPrefix(String prefix) {
        filter.addStreamPrefixes(prefix);
        return this;
    }

    /// Takes only this type, or one of those given before.
    ///
    /// @param type the type
    public SubscriptionBuilder type(String type) {
        filter.addTypes(type);
        return this;
    }

    /// Takes only events with this tag, and all of those given before.
    ///
    /// @param key of the tag
    /// @param value of the tag
    public SubscriptionBuilder tag(String key, String value) {
        filter.addTags(Tag.newBuilder().setKey(key).setValue(value));
        return this;
    }

    /// Asks for a checkpoint after at most so many events, matching or not.
    ///
    /// @param count above 0; the server's default is 1,000
    public SubscriptionBuilder checkpointEvents(int count) {
        checkpointEvents = count;
        return this;
    }

    /// Runs the subscription in an executor instead of a thread of its own; it occupies one of its
    /// threads until it ends.
    ///
    /// @param other for one long task
    public SubscriptionBuilder executor(Executor other) {
        executor = other;
        return this;
    }

    /// Starts.
    ///
    /// @param handler takes the events
    /// @return close it to end it
    /// @throws RidgelineException if the end of a stream that it shall start at cannot be found
    public Subscription start(EventHandler handler) {
        boolean complete = filter.build().equals(Filter.getDefaultInstance());
        Long next = from;
        @Nullable Position begin = after;
        if (atEnd) {
            begin = null;
            // A stream's end is found here, so that it stays the same over lost connections.
            next = source instanceof Source.OneStream ? endOfStream() : null;
        } else if (source instanceof Source.Everything) {
            next = null;
        }
        Cursor cursor = new Cursor(source, next, begin, false, complete);
        Feed feed = feeds.open(cursor, partitions -> request(cursor, partitions), true);
        Subscription subscription = new Subscription(feed, cursor, handler);
        executor.execute(subscription::run);
        return subscription;
    }

    private long endOfStream() {
        try (EventIterator last =
                new Read(feeds, source).backward().limit(1).linearizable().iterator()) {
            return last.hasNext() ? last.next().version() + 1 : 0;
        }
    }

    private Message request(Cursor cursor, SortedSet<Integer> partitions) {
        SubscribeRequest.Builder request =
                SubscribeRequest.newBuilder()
                        .setFilter(filter)
                        .setCheckpointEvents(checkpointEvents);
        SubscribeRequest.End end = SubscribeRequest.End.getDefaultInstance();
        Long next = cursor.next();
        if (source instanceof Source.OneStream one) {
            StreamSource.Builder stream =
                    StreamSource.newBuilder()
                            .setStream(one.stream())
                            .setPartitionKey(one.partitionKey());
            request.setStream(stream.setFromVersion(next == null ? 0 : next));
        } else if (source instanceof Source.OnePartition one) {
            PartitionSource.Builder partition =
                    PartitionSource.newBuilder().setPartition(one.partition());
            request.setPartition(
                    next == null ? partition.setEnd(end) : partition.setFromSequence(next));
        } else {
            AllSource.Builder all = AllSource.newBuilder().addAllPartitions(partitions);
            boolean placed =
                    partitions.isEmpty()
                            ? cursor.isAnchored()
                            : partitions.stream().allMatch(cursor::knows);
            request.setAll(placed ? all.setAfter(cursor.position().toMessage()) : all.setEnd(end));
        }
        return request.build();
    }
}
