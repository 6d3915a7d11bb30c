package io.ridgeline.runtime.append;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.ridgeline.api.v1.ErrorCode;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One `Append` call.
final class AppendCall extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], EncodedMessage> call;
    private final Appends appends;
    private final long deadlineNanos;
    private byte @Nullable [] message;
    private @Nullable PendingAppend pending;

    AppendCall(ServerCall<byte[], EncodedMessage> call, Appends appends, long deadlineNanos) {
        this.call = call;
        this.appends = appends;
        this.deadlineNanos = deadlineNanos;
    }

    /// Begins to receive: two, so that a second message is noticed.
    AppendCall begin() {
        call.request(2);
        return this;
    }

    @Override
    public void onMessage(byte[] received) {
        if (message != null) {
            close(Refusal.invalid("message", "one request is expected, more came"));
            return;
        }
        message = received;
    }

    @Override
    public void onHalfClose() {
        byte[] received = message;
        if (received == null) {
            close(Refusal.invalid("message", "no request came"));
            return;
        }
        ParsedAppend parsed;
        try {
            parsed =
                    AppendReader.readOne(
                            received, appends.limits(), System.currentTimeMillis() * 1_000);
        } catch (MalformedProtoException e) {
            close(Refusal.invalid("message", "no AppendRequest: " + e.getMessage()));
            return;
        }
        Appends.Prepared prepared = appends.prepare(List.of(parsed), deadlineNanos, this::answer);
        pending = prepared.places().getFirst();
        prepared.submit();
        if (pending.isAnswered() && pending.refusal() != null) {
            answer();
        }
    }

    private void answer() {
        PendingAppend answered = pending;
        if (answered == null) {
            return;
        }
        try {
            Refusal refusal = answered.refusal();
            AppendResult result = answered.result();
            if (refusal != null) {
                close(refusal);
            } else if (result instanceof AppendResult.Appended appended) {
                ProtoOutput out = new ProtoOutput(64);
                ResultWriter.writeResponse(out, appended);
                Partition elsewhere = answered.elsewhere();
                if (elsewhere != null) {
                    ResultWriter.writeResponseCoordinator(
                            out, Coordinators.of(elsewhere, appends.addresses()));
                }
                call.sendHeaders(new Metadata());
                call.sendMessage(out.toMessage());
                call.close(Status.OK, new Metadata());
            } else if (result != null) {
                close(AppendRefusals.of(result, appends.addresses()));
            } else {
                close(Refusal.of(ErrorCode.INTERNAL, "the append has no answer"));
            }
        } catch (RuntimeException e) {
            CallFailure.end(call, e);
        }
    }

    private void close(Refusal refusal) {
        refusal.end(call::close);
    }
}
