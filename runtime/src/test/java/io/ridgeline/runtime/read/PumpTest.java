package io.ridgeline.runtime.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.ridgeline.runtime.wire.ReadyCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What becomes of a call whose node stops.
@NullMarked
class PumpTest {
    private final ReadyCall<String> call = new ReadyCall<>();
    private final List<Runnable> queue = new ArrayList<>();
    private boolean shutDown;
    private int released;

    private final Pump<String> pump =
            new Pump<>(
                    call,
                    task -> {
                        if (shutDown) {
                            throw new RejectedExecutionException();
                        }
                        queue.add(task);
                    }) {
                @Override
                Step step() {
                    return Step.MORE;
                }

                @Override
                void release() {
                    released++;
                }
            };

    @Test
    void aCallThatComesTooLateIsToldThatTheNodeIsStopping() {
        shutDown = true;

        pump.onHalfClose();

        isToldThatTheNodeIsStopping();
    }

    @Test
    void aCallThatIsUnderWayIsToldThatTheNodeIsStopping() {
        pump.onHalfClose();
        shutDown = true;

        queue.removeFirst().run();

        isToldThatTheNodeIsStopping();
    }

    private void isToldThatTheNodeIsStopping() {
        assertThat(call.closed)
                .extracting(Status::getCode)
                .containsExactly(Status.Code.UNAVAILABLE);
        assertThat(call.closed.getFirst().getDescription()).contains("the node is stopping");
        assertThat(released).isEqualTo(1);
    }
}
