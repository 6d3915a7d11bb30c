package io.ridgeline.runtime.read;

import io.grpc.ServerCall;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.engine.Published;
import io.ridgeline.runtime.refusal.ReadRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.EventWriter;
import io.ridgeline.runtime.wire.ProtoOutput;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A subscription: history first, then what comes, without gap or duplicate, since both are read
/// from the same log by the same cursors. Live events only wake it.
final class SubscribeCall extends Pump<SubscribeRequest> implements EventSink {
    private static final int EVENTS_EVENTS = 1;
    private static final int FRAME_EVENTS = 1;
    private static final int CHECKPOINT_EVENTS = 1_000;

    private final Reads reads;
    private volatile @Nullable SubscribeRequest request;
    private volatile @Nullable Refusal refusal;
    private volatile boolean checkpointDue;

    private @Nullable Subscription subscription;
    private EventFilter filter = EventFilter.of(Filter.getDefaultInstance());
    private long checkpointEvents = CHECKPOINT_EVENTS;
    private long lookedAt;
    private boolean caughtUp;
    private int turn;

    /// The page of the thread that takes a step.
    private ProtoOutput out = new ProtoOutput(0);

    private boolean registered;

    /// What is followed.
    ///
    /// @param followed with the place of each
    record Subscription(List<Followed> followed) {}

    /// A partition, or one of its streams, that is followed.
    static final class Followed {
        private final PartitionCursor cursor;

        /// The last sequence of the time before the call: up to here it is history.
        private final long historySequence;

        /// The last sequence that was looked at.
        private long seenSequence;

        /// Whether everything that was confirmed up to there is looked at.
        private boolean atEnd;

        private long reportedSequence;

        Followed(PartitionCursor cursor, long historySequence, long seenSequence) {
            this.cursor = cursor;
            this.historySequence = historySequence;
            this.seenSequence = seenSequence;
            this.reportedSequence = seenSequence;
        }

        PartitionCursor cursor() {
            return cursor;
        }
    }

    SubscribeCall(ServerCall<SubscribeRequest, EncodedMessage> call, Reads reads) {
        super(call, reads.executor());
        this.reads = reads;
        call.request(2);
    }

    @Override
    public void onMessage(SubscribeRequest received) {
        request = received;
    }

    /// Called now and then: progress without matches is worth a checkpoint.
    void onCheckpointTime() {
        checkpointDue = true;
        wake();
    }

    /// Ends it, since the node stops.
    void end(Refusal reason) {
        refusal = reason;
        wake();
    }

    @Override
    void release() {
        Subscription ended = subscription;
        if (ended != null) {
            for (Followed followed : ended.followed()) {
                reads.hub(followed.cursor.partition()).remove(followed.cursor, this);
            }
        }
        if (registered) {
            reads.unregister(this);
        }
    }

    @Override
    Step step() {
        Refusal refused = refusal;
        if (refused != null) {
            throw new RefusedException(refused);
        }
        Subscription following = subscription;
        if (following == null) {
            following = begin();
        }
        boolean any = readSome(following);
        if (!any && checkpointDue) {
            checkpointDue = false;
            checkpoint(following);
        }
        if (!caughtUp && isCaughtUp(following)) {
            caughtUp = true;
            lookedAt = 0;
            Position position = position(following);
            send(
                    SubscribeFrame.newBuilder()
                            .setCaughtUp(SubscribeFrame.CaughtUp.newBuilder().setPosition(position))
                            .build());
        }
        return any ? Step.MORE : Step.WAIT;
    }

    private Subscription begin() {
        SubscribeRequest asked = request;
        if (asked == null) {
            throw new RefusedException(Refusal.invalid("message", "no request came"));
        }
        filter = EventFilter.of(asked.getFilter());
        if (asked.getCheckpointEvents() != 0) {
            checkpointEvents = Integer.toUnsignedLong(asked.getCheckpointEvents());
        }
        Subscription made = reads.plan(asked);
        reads.register(this);
        registered = true;
        subscription = made;
        for (Followed followed : made.followed()) {
            reads.hub(followed.cursor.partition()).add(followed.cursor, this);
        }
        return made;
    }

    private boolean readSome(Subscription following) {
        List<Followed> all = following.followed();
        for (int tried = 0; tried < all.size(); tried++) {
            int place = (turn + tried) % all.size();
            if (read(all.get(place))) {
                turn = (place + 1) % all.size();
                return true;
            }
        }
        return false;
    }

    private boolean read(Followed followed) {
        Partition partition = followed.cursor.partition();
        Published published = partition.published();
        if (!published.readable()) {
            throw new RefusedException(ReadRefusals.unreadable(partition.id()));
        }
        if (followed.seenSequence >= published.lastSequence() && followed.atEnd) {
            return false;
        }
        int pageBytes = reads.pageBytes();
        out = Page.take();
        long before = followed.cursor.next();
        seen = followed;
        boolean any = followed.cursor.read(published.watermark().index(), pageBytes, this);
        sendEvents();
        if (!any || followed.cursor.next() == before) {
            // Nothing is left below the watermark that was read against.
            followed.seenSequence = Math.max(followed.seenSequence, published.lastSequence());
            followed.atEnd = true;
            return false;
        }
        followed.atEnd =
                followed.cursor.stream() == null
                        && followed.cursor.next() > published.lastSequence();
        return true;
    }

    /// Whose events are being taken.
    private @Nullable Followed seen;

    @Override
    public boolean accept(Partition partition, Transaction transaction, Events event) {
        lookedAt++;
        if (seen != null) {
            seen.seenSequence = event.sequence();
        }
        if (filter.matches(event)) {
            EventWriter.write(out, EVENTS_EVENTS, partition.id(), transaction, event);
            if (out.length() >= reads.pageBytes()) {
                sendEvents();
            }
        }
        if (lookedAt >= checkpointEvents && subscription != null) {
            sendEvents();
            checkpoint(subscription);
        }
        return true;
    }

    private void sendEvents() {
        if (out.length() > 0) {
            out.wrap(FRAME_EVENTS);
            send(out.toMessage());
            out.clear();
        }
    }

    private void checkpoint(Subscription following) {
        lookedAt = 0;
        boolean progress = false;
        for (Followed followed : following.followed()) {
            progress |= followed.seenSequence > followed.reportedSequence;
        }
        if (progress) {
            Position position = position(following);
            send(
                    SubscribeFrame.newBuilder()
                            .setCheckpoint(
                                    SubscribeFrame.Checkpoint.newBuilder().setPosition(position))
                            .build());
        }
    }

    private void send(SubscribeFrame frame) {
        send(EncodedMessage.of(frame.toByteArray()));
    }

    private static boolean isCaughtUp(Subscription following) {
        for (Followed followed : following.followed()) {
            if (followed.seenSequence < followed.historySequence) {
                return false;
            }
        }
        return true;
    }

    private static Position position(Subscription following) {
        List<PartitionPosition> positions = new ArrayList<>();
        for (Followed followed : following.followed()) {
            Partition partition = followed.cursor.partition();
            followed.reportedSequence = followed.seenSequence;
            positions.add(
                    PartitionPosition.newBuilder()
                            .setPartition(partition.id().value())
                            .setHistory(partition.published().history())
                            .setSequence(followed.seenSequence)
                            .build());
        }
        return Position.newBuilder().addAllPartitions(positions).build();
    }

    /// {@return that the node cannot take more of them}
    static Refusal tooMany(int max) {
        return Refusal.of(
                ErrorCode.OVERLOADED,
                "there are " + max + " subscriptions already (ridgeline.limits.subscriptions)");
    }
}
