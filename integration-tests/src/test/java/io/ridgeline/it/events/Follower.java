package io.ridgeline.it.events;

import io.grpc.Context;
import io.ridgeline.api.v1.EventStoreGrpc.EventStoreBlockingStub;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One subscription, whose frames are checked against each other as they come: no event twice, none
/// out of order, none on the wrong side of a checkpoint.
public final class Follower implements AutoCloseable {
    private final SubscribeRequest request;
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final Iterator<SubscribeFrame> frames;
    private final List<RecordedEvent> events = new ArrayList<>();
    private final Map<Integer, Long> reached = new HashMap<>();
    private final Map<Integer, Long> lastSequences = new HashMap<>();
    private @Nullable Position caughtUp;
    private @Nullable Position checkpoint;
    private int checkpoints;

    private Follower(EventStoreBlockingStub node, SubscribeRequest request) {
        this.request = request;
        Context before = context.attach();
        try {
            this.frames = node.subscribe(request);
        } finally {
            context.detach(before);
        }
    }

    /// Subscribes.
    public static Follower start(EventStoreBlockingStub node, SubscribeRequest request) {
        return new Follower(node, request);
    }

    /// Reads frames until the condition holds.
    public Follower until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (!frames.hasNext()) {
                throw new AssertionError("the subscription has ended: " + request);
            }
            accept(frames.next());
        }
        return this;
    }

    /// {@return what it asked for}
    public SubscribeRequest request() {
        return request;
    }

    /// {@return the events so far, in order}
    public List<RecordedEvent> events() {
        return events;
    }

    /// {@return whether the seam between history and live has come}
    public boolean isLive() {
        return caughtUp != null;
    }

    /// {@return where history ended and live began}
    public Position caughtUp() {
        return Objects.requireNonNull(caughtUp, "not live yet");
    }

    /// {@return the last checkpoint or seam}
    public Position checkpoint() {
        return Objects.requireNonNull(checkpoint, "no checkpoint yet");
    }

    /// {@return how many checkpoints have come}
    public int checkpoints() {
        return checkpoints;
    }

    /// {@return the last sequence that it has seen or was told of in that partition; -1 for none}
    public long reached(int partition) {
        return reached.getOrDefault(partition, -1L);
    }

    private void accept(SubscribeFrame frame) {
        switch (frame.getFrameCase()) {
            case EVENTS -> {
                require(frame.getEvents().getEventsCount() > 0, "events", frame);
                frame.getEvents().getEventsList().forEach(this::accept);
            }
            case CHECKPOINT -> {
                checkpoints++;
                accept(frame.getCheckpoint().getPosition(), frame);
            }
            case CAUGHT_UP -> {
                require(caughtUp == null, "one seam", frame);
                caughtUp = frame.getCaughtUp().getPosition();
                accept(caughtUp, frame);
            }
            case PARTITION_ENDED, FRAME_NOT_SET ->
                    throw new AssertionError("unexpected: " + frame + " to " + request);
        }
    }

    private void accept(Position position, SubscribeFrame frame) {
        for (PartitionPosition each : position.getPartitionsList()) {
            require(each.getSequence() >= reached(each.getPartition()), "no way back", frame);
            reached.put(each.getPartition(), each.getSequence());
        }
        checkpoint = position;
    }

    private void accept(RecordedEvent event) {
        require(event.getSequence() > reached(event.getPartition()), "news", event);
        reached.put(event.getPartition(), event.getSequence());
        if (!request.hasFilter()) {
            if (request.hasStream()) {
                RecordedEvent last = events.isEmpty() ? event : events.getLast();
                require(
                        last.equals(event) || event.getVersion() == last.getVersion() + 1,
                        "the version after " + last.getVersion(),
                        event);
            } else {
                Long last = lastSequences.put(event.getPartition(), event.getSequence());
                require(
                        last == null || event.getSequence() == last + 1,
                        "the sequence after " + last,
                        event);
            }
        }
        events.add(event);
    }

    private void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new AssertionError(
                    "expected " + expected + ", found " + found + "\nasked for " + request);
        }
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
