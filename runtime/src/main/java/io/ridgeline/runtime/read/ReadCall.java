package io.ridgeline.runtime.read;

import io.grpc.ServerCall;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.runtime.refusal.ReadRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.EventWriter;
import io.ridgeline.runtime.wire.ProtoOutput;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Transaction;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A read that ends at the end of what is confirmed when it begins.
final class ReadCall<Q> extends Pump<Q> implements EventSink {
    private static final int READ_RESPONSE_EVENTS = 1;

    private final Reads reads;
    private final Function<Q, ReadPlan> planner;
    private final long deadlineNanos;
    private final int pageBytes;
    private volatile @Nullable ReadPlan plan;
    private volatile AtomicLongArray lastIndexes = new AtomicLongArray(0);
    private volatile @Nullable Refusal refusal;
    private final AtomicInteger awaited = new AtomicInteger();

    private int turn;
    private long left;

    /// The page of the thread that takes a step.
    private ProtoOutput out = new ProtoOutput(0);

    ReadCall(
            ServerCall<Q, EncodedMessage> call,
            Reads reads,
            Function<Q, ReadPlan> planner,
            long deadlineNanos) {
        super(call, reads.executor());
        this.reads = reads;
        this.planner = planner;
        this.deadlineNanos = deadlineNanos;
        this.pageBytes = reads.pageBytes();
        call.request(2);
    }

    @Override
    public void onMessage(Q request) {
        try {
            ReadPlan made = planner.apply(request);
            left = made.limit();
            lastIndexes = new AtomicLongArray(made.cursors().size());
            askForBounds(made);
            plan = made;
        } catch (RefusedException e) {
            refusal = e.refusal();
        }
    }

    private void askForBounds(ReadPlan made) {
        ReadIndexRequest.Level level = made.level();
        for (int i = 0; i < made.cursors().size(); i++) {
            Partition partition = made.cursors().get(i).partition();
            Published published = partition.published();
            if (!published.readable()) {
                throw new RefusedException(ReadRefusals.unreadable(partition.id()));
            }
            if (level == null) {
                lastIndexes.set(i, published.watermark().index());
                continue;
            }
            int place = i;
            awaited.incrementAndGet();
            reads.bounds().ask(partition, level, deadlineNanos, bound -> onBound(place, bound));
        }
    }

    private void onBound(int place, Bound bound) {
        switch (bound) {
            case Bound.Upto(long index) -> lastIndexes.set(place, index);
            case Bound.Refused(Refusal why) -> refusal = why;
        }
        if (awaited.decrementAndGet() == 0) {
            wake();
        }
    }

    @Override
    Step step() {
        Refusal refused = refusal;
        if (refused != null) {
            throw new RefusedException(refused);
        }
        if (awaited.get() > 0) {
            return Step.WAIT;
        }
        ReadPlan reading = plan;
        if (reading == null) {
            throw new RefusedException(Refusal.invalid("message", "no request came"));
        }
        int cursors = reading.cursors().size();
        for (int tried = 0; tried < cursors && left > 0; tried++) {
            int place = (turn + tried) % cursors;
            out = Page.take();
            boolean any =
                    reading.cursors().get(place).read(lastIndexes.get(place), pageBytes, this);
            if (out.length() > 0) {
                send(out.toMessage());
            }
            if (any) {
                turn = (place + 1) % cursors;
                return Step.MORE;
            }
        }
        return Step.DONE;
    }

    @Override
    public boolean accept(Partition partition, Transaction transaction, Events event) {
        if (left <= 0) {
            return false;
        }
        left--;
        EventWriter.write(out, READ_RESPONSE_EVENTS, partition.id(), transaction, event);
        if (out.length() >= pageBytes) {
            send(out.toMessage());
            out.clear();
        }
        return left > 0;
    }
}
