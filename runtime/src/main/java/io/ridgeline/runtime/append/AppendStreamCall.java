package io.ridgeline.runtime.append;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.runtime.refusal.AppendRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.wire.AppendReader;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.MalformedProtoException;
import io.ridgeline.runtime.wire.ParsedAppend;
import io.ridgeline.runtime.wire.ProtoOutput;
import io.ridgeline.runtime.wire.ResultWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One `AppendStream` call: a queue of appends in the order in which they came, of which the front
/// is sent as soon as it is answered, all that a turn answered in one message.
///
/// Messages come one at a time from the call's thread, answers from the threads of shards. Whoever
/// finds no [#work] under way sends for all until none is left.
final class AppendStreamCall extends ServerCall.Listener<byte[]> {
    private static final int RESULTS_PER_MESSAGE_MAX = 1_024;
    private static final int RESULT_BYTES_GUESS = 64;

    private final ServerCall<byte[], EncodedMessage> call;
    private final Appends appends;
    private final long deadlineNanos;
    private final Queue<PendingAppend> pending = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicLong unansweredBytes = new AtomicLong();

    /// Whether the caller has to wait until some appends are answered.
    private volatile boolean held;

    /// How the call ends once all is answered; null while the caller may send more.
    private volatile @Nullable Status end;

    private volatile Metadata endTrailers = new Metadata();
    private volatile boolean cancelled;

    /// For whoever does the work.
    private boolean closed;

    AppendStreamCall(ServerCall<byte[], EncodedMessage> call, Appends appends, long deadlineNanos) {
        this.call = call;
        this.appends = appends;
        this.deadlineNanos = deadlineNanos;
    }

    /// Begins to receive.
    AppendStreamCall begin() {
        call.sendHeaders(new Metadata());
        call.request(1);
        return this;
    }

    @Override
    public void onMessage(byte[] message) {
        if (end != null) {
            return;
        }
        List<ParsedAppend> parsed;
        try {
            parsed = AppendReader.readMany(message, appends.limits(), nowMicros());
        } catch (MalformedProtoException e) {
            endWith(Refusal.invalid("message", "no AppendStreamRequest: " + e.getMessage()));
            return;
        }
        if (parsed.isEmpty()) {
            endWith(Refusal.invalid("appends", "a message has at least one"));
            return;
        }
        Appends.Prepared prepared = appends.prepare(parsed, deadlineNanos, this::drain);
        long bytes = 0;
        for (PendingAppend place : prepared.places()) {
            bytes += place.bytes();
        }
        int waiting = unanswered.addAndGet(parsed.size());
        long waitingBytes = unansweredBytes.addAndGet(bytes);
        boolean refused = prepared.hasRefusals();
        pending.addAll(prepared.places());
        prepared.submit();
        boolean hold =
                waiting >= appends.callAppendsMax() || waitingBytes >= appends.callBytesMax();
        if (hold) {
            held = true;
        } else {
            call.request(1);
        }
        // Refusals have no turn to send them; and all may be answered before the hold was noted.
        if (refused || hold) {
            drain();
        }
    }

    private static long nowMicros() {
        return System.currentTimeMillis() * 1_000;
    }

    private void endWith(Refusal refusal) {
        refusal.end((status, trailers) -> {
            endTrailers = trailers;
            end = status;
        });
        drain();
    }

    @Override
    public void onHalfClose() {
        if (end == null) {
            end = Status.OK;
        }
        drain();
    }

    @Override
    public void onCancel() {
        cancelled = true;
        drain();
    }

    @Override
    public void onReady() {
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                send();
            } catch (RuntimeException e) {
                cancelled = true;
                CallFailure.end(call, e);
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void send() {
        while (isFrontAnswered() && (cancelled || call.isReady())) {
            sendMessage();
        }
        Status ending = end;
        if (ending != null && pending.isEmpty() && !closed && !cancelled) {
            closed = true;
            call.close(ending, endTrailers);
        }
    }

    private boolean isFrontAnswered() {
        PendingAppend front = pending.peek();
        return front != null && front.isAnswered();
    }

    private void sendMessage() {
        ProtoOutput out = new ProtoOutput(8 * RESULT_BYTES_GUESS);
        Set<Partition> elsewhere = null;
        int results = 0;
        long bytes = 0;
        while (results < RESULTS_PER_MESSAGE_MAX && isFrontAnswered()) {
            PendingAppend front = pending.remove();
            results++;
            bytes += front.bytes();
            write(out, front);
            Partition partition = front.elsewhere();
            if (partition != null) {
                elsewhere = elsewhere == null ? new LinkedHashSet<>() : elsewhere;
                elsewhere.add(partition);
            }
        }
        if (elsewhere != null) {
            for (Partition partition : elsewhere) {
                ResultWriter.writeCoordinator(out, Coordinators.of(partition, appends.addresses()));
            }
        }
        int waiting = unanswered.addAndGet(-results);
        long waitingBytes = unansweredBytes.addAndGet(-bytes);
        if (cancelled) {
            return;
        }
        call.sendMessage(out.toMessage());
        if (held
                && waiting <= appends.callAppendsMax() / 2
                && waitingBytes <= appends.callBytesMax() / 2) {
            held = false;
            call.request(1);
        }
    }

    private void write(ProtoOutput out, PendingAppend append) {
        Refusal refusal = append.refusal();
        if (refusal != null) {
            ResultWriter.writeResult(out, refusal);
        } else if (append.result() instanceof AppendResult.Appended appended) {
            ResultWriter.writeResult(out, appended);
        } else if (append.result() != null) {
            ResultWriter.writeResult(out, AppendRefusals.of(append.result(), appends.addresses()));
        }
    }
}
