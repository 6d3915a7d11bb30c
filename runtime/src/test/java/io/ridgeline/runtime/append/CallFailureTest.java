package io.ridgeline.runtime.append;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.runtime.remote.RemoteSettings;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.wire.AppendLimits;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.runtime.wire.ReadyCall;
import java.time.Duration;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// An answer that cannot be written ends the call: nobody waits for it for ever.
@NullMarked
class CallFailureTest {
    private static final AppendRequest REQUEST = AppendRequest.getDefaultInstance();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Call call = new Call();
    private final Appends appends =
            new Appends(
                    () -> null,
                    new AppendLimits(1_000, 1_000, 10, 100, 10, 1_000, 1_000),
                    node -> "",
                    new Targets(
                            new RemoteSettings(SECOND, SECOND, 1, 1, SECOND, 10, 0.5, SECOND, 1)),
                    10,
                    1_000);

    @Test
    void ofAnAppendIsToldItsCaller() {
        var listener = appends.append(call, Long.MAX_VALUE);
        listener.onMessage(REQUEST.toByteArray());
        listener.onHalfClose();

        assertThat(call.closed).extracting(Status::getCode).containsExactly(Status.Code.INTERNAL);
    }

    @Test
    void ofAStreamOfAppendsIsToldItsCaller() {
        var listener = appends.appendStream(call, Long.MAX_VALUE);
        listener.onMessage(
                AppendStreamRequest.newBuilder().addAppends(REQUEST).build().toByteArray());

        assertThat(call.closed).extracting(Status::getCode).containsExactly(Status.Code.INTERNAL);
    }

    @Test
    void ofACallThatIsGoneIsToldNobody() {
        call.cancelled = true;
        var listener = appends.append(call, Long.MAX_VALUE);
        listener.onMessage(REQUEST.toByteArray());
        listener.onHalfClose();

        assertThat(call.closed).isEmpty();
    }

    /// Fails at its first answer.
    private static final class Call extends ReadyCall<byte[]> {
        boolean cancelled;
        private boolean failed;

        private void failOnce() {
            if (!failed) {
                failed = true;
                throw new IllegalArgumentException("cannot be written");
            }
        }

        @Override
        public void sendMessage(EncodedMessage message) {
            failOnce();
        }

        @Override
        public void close(Status status, Metadata trailers) {
            failOnce();
            super.close(status, trailers);
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
