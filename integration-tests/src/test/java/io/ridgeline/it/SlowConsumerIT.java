package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Subscribers that do not read: the node keeps a bounded number of frames for them, and when they
/// read on, nothing is missing.
class SlowConsumerIT {
    private static final int CONSUMERS = 20;
    private static final int EVENTS = 160;
    private static final int EVENT_BYTES = 512 << 10;
    private static final String STREAM = "large";

    @Test
    void aConsumerThatStopsReadingCostsBoundedMemoryAndMissesNothing() {
        Node.Plan plan = Node.on(Checkout.folder(SlowConsumerIT.class, "slow").resolve("data"));
        try (Node node = plan.start()) {
            SubscribeRequest request =
                    SubscribeRequest.newBuilder()
                            .setStream(
                                    SubscribeRequest.StreamSource.newBuilder()
                                            .setStream(STREAM)
                                            .setFromVersion(0))
                            .build();
            List<Sleeper> sleepers = new ArrayList<>();
            for (int i = 0; i < CONSUMERS; i++) {
                Sleeper sleeper = new Sleeper(node.newChannel());
                EventStoreGrpc.newStub(sleeper.channel).subscribe(request, sleeper);
                sleepers.add(sleeper);
            }
            // 80 MiB for each of 20 consumers, in a heap of 256 MiB.
            ByteString data = ByteString.copyFrom(new byte[EVENT_BYTES]);
            for (int i = 0; i < EVENTS; i++) {
                AppendRequest.Builder append = AppendRequest.newBuilder();
                append.addEvents(Requests.event(STREAM, "Large", "").toBuilder().setData(data));
                node.events().append(append.build());
            }
            assertThat(node.process().isAlive()).as("the node lives").isTrue();
            assertThat(node.residentBytes()).as("its memory").isLessThan(700L << 20);

            for (Sleeper sleeper : sleepers) {
                sleeper.wakeUp();
                Awaitility.await("a consumer that reads on")
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> sleeper.nextVersion.get() == EVENTS);
                assertThat(sleeper.failed).as("a gap or an end").isFalse();
                sleeper.end();
            }
        }
    }

    /// Asks for nothing until it is woken up. Has a connection of its own: what it leaves unread
    /// would fill the window of one that it shared.
    private static final class Sleeper
            implements ClientResponseObserver<SubscribeRequest, SubscribeFrame> {
        private final ManagedChannel channel;
        private final AtomicLong nextVersion = new AtomicLong();
        private final AtomicBoolean failed = new AtomicBoolean();
        private @Nullable ClientCallStreamObserver<SubscribeRequest> call;

        Sleeper(ManagedChannel channel) {
            this.channel = channel;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(0);
        }

        void wakeUp() {
            call().request(Integer.MAX_VALUE);
        }

        void end() {
            call().cancel("seen enough", null);
            channel.shutdownNow();
        }

        private ClientCallStreamObserver<SubscribeRequest> call() {
            return Objects.requireNonNull(call);
        }

        @Override
        public void onNext(SubscribeFrame frame) {
            for (RecordedEvent event : frame.getEvents().getEventsList()) {
                if (!nextVersion.compareAndSet(event.getVersion(), event.getVersion() + 1)) {
                    failed.set(true);
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            failed.set(nextVersion.get() < EVENTS);
        }

        @Override
        public void onCompleted() {
            failed.set(true);
        }
    }
}
