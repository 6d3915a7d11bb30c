package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FailureTest {
    /// What gRPC reports for a request that it writes to a connection just as it closes.
    @Test
    void aConnectionThatClosesUnderARequestIsLostAndNothingWorse() {
        Status status =
                Status.UNKNOWN
                        .withDescription("channel closed")
                        .withCause(new ClosedChannelException());

        Failure failure = Failure.of(status, null, true);

        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.code().isTransient()).isTrue();
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void anUnknownErrorOfTheServersIsNotALostConnection() {
        assertThat(Failure.of(Status.UNKNOWN.withDescription("?"), null, true).code())
                .isEqualTo(ErrorCode.UNRECOGNIZED);
    }
}
