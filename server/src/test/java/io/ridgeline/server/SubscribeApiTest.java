package io.ridgeline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.runtime.node.Node;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestNode.class)
class SubscribeApiTest {
    private final String stream = "sub-" + UUID.randomUUID();
    private final Context.CancellableContext subscriptions = Context.ROOT.withCancellation();
    @Inject Node node;
    private ManagedChannel channel;
    private EventStoreGrpc.EventStoreBlockingStub store;

    @BeforeEach
    void connect() {
        channel = TestNode.channel();
        store = EventStoreGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    @AfterEach
    void disconnect() {
        subscriptions.cancel(null);
        channel.shutdownNow();
        await().atMost(Duration.ofSeconds(20)).until(() -> node.reads().subscriptions() == 0);
    }

    private Iterator<SubscribeFrame> subscribe(SubscribeRequest.Builder request) {
        Context previous = subscriptions.attach();
        try {
            return store.subscribe(request.build());
        } finally {
            subscriptions.detach(previous);
        }
    }

    private SubscribeRequest.Builder ofStream() {
        return SubscribeRequest.newBuilder()
                .setStream(SubscribeRequest.StreamSource.newBuilder().setStream(stream));
    }

    private static SubscribeRequest.Builder ofAll() {
        return SubscribeRequest.newBuilder().setAll(SubscribeRequest.AllSource.newBuilder());
    }

    private void append(int events) {
        for (int i = 0; i < events; i++) {
            store.append(Requests.append(stream));
        }
    }

    private static List<RecordedEvent> take(Iterator<SubscribeFrame> frames, int count) {
        List<RecordedEvent> events = new ArrayList<>();
        while (events.size() < count) {
            SubscribeFrame frame = frames.next();
            events.addAll(frame.getEvents().getEventsList());
        }
        return events;
    }

    private static SubscribeFrame next(
            Iterator<SubscribeFrame> frames, SubscribeFrame.FrameCase kind) {
        SubscribeFrame frame = frames.next();
        while (frame.getFrameCase() != kind) {
            frame = frames.next();
        }
        return frame;
    }

    @Test
    void givesHistoryThenSaysSoThenWhatComes() {
        append(3);
        Iterator<SubscribeFrame> frames = subscribe(ofStream());
        List<RecordedEvent> history = new ArrayList<>();
        SubscribeFrame frame = frames.next();
        while (!frame.hasCaughtUp()) {
            history.addAll(frame.getEvents().getEventsList());
            frame = frames.next();
        }
        assertThat(history).extracting(RecordedEvent::getVersion).containsExactly(0L, 1L, 2L);
        append(2);
        assertThat(take(frames, 2)).extracting(RecordedEvent::getVersion).containsExactly(3L, 4L);
    }

    @Test
    void fromTheEndGivesOnlyWhatComes() {
        append(3);
        Iterator<SubscribeFrame> frames =
                subscribe(
                        SubscribeRequest.newBuilder()
                                .setStream(
                                        SubscribeRequest.StreamSource.newBuilder()
                                                .setStream(stream)
                                                .setEnd(
                                                        SubscribeRequest.End
                                                                .getDefaultInstance())));
        next(frames, SubscribeFrame.FrameCase.CAUGHT_UP);
        append(1);
        assertThat(take(frames, 1)).extracting(RecordedEvent::getVersion).containsExactly(3L);
    }

    @Test
    void ofAllPartitionsHasNoGapAndNoDuplicateAtTheSeam() throws InterruptedException {
        Thread writer = Thread.ofVirtual().start(() -> append(200));
        Iterator<SubscribeFrame> frames = subscribe(ofAll());
        long[] last = {-1, -1, -1, -1};
        int ours = 0;
        while (ours < 200) {
            for (RecordedEvent event : frames.next().getEvents().getEventsList()) {
                assertThat(event.getSequence()).isEqualTo(++last[event.getPartition()]);
                ours += event.getStream().equals(stream) ? 1 : 0;
            }
        }
        writer.join();
    }

    @Test
    void filtersByPrefixTypeAndTag() {
        store.append(Requests.append(stream));
        store.append(
                Requests.append(
                        Requests.event(stream, UUID.randomUUID(), "wanted")
                                .setType("special")
                                .addTags(Tag.newBuilder().setKey("a").setValue("1"))
                                .addTags(Tag.newBuilder().setKey("b").setValue("2"))));
        Filter.Builder filter =
                Filter.newBuilder()
                        .addStreamPrefixes("nothing")
                        .addStreamPrefixes(stream.substring(0, 10))
                        .addTypes("special")
                        .addTags(Tag.newBuilder().setKey("b").setValue("2"));
        List<RecordedEvent> events = take(subscribe(ofAll().setFilter(filter)), 1);
        assertThat(events)
                .extracting(event -> event.getData().toStringUtf8())
                .containsExactly("wanted");
    }

    @Test
    void sendsCheckpointsThoughNothingMatches() {
        Iterator<SubscribeFrame> frames =
                subscribe(ofAll().setFilter(Filter.newBuilder().addTypes("never-" + stream)));
        next(frames, SubscribeFrame.FrameCase.CAUGHT_UP);
        var appended = store.append(Requests.append(stream)).getPosition();
        // By time, since one event is far from the number that asks for one.
        boolean reached = false;
        while (!reached) {
            SubscribeFrame frame = next(frames, SubscribeFrame.FrameCase.CHECKPOINT);
            for (PartitionPosition at : frame.getCheckpoint().getPosition().getPartitionsList()) {
                reached |=
                        at.getPartition() == appended.getPartition()
                                && at.getSequence() >= appended.getSequence();
            }
        }
    }

    @Test
    void sendsCheckpointsAfterSoManyEvents() {
        append(10);
        Iterator<SubscribeFrame> frames = subscribe(ofStream().setCheckpointEvents(4));
        List<String> kinds = new ArrayList<>();
        SubscribeFrame frame = frames.next();
        while (!frame.hasCaughtUp()) {
            kinds.add(
                    frame.hasEvents()
                            ? Integer.toString(frame.getEvents().getEventsCount())
                            : frame.getFrameCase().name());
            frame = frames.next();
        }
        assertThat(kinds).containsExactly("4", "CHECKPOINT", "4", "CHECKPOINT", "2");
    }

    @Test
    void resumesBehindACheckpoint() {
        append(5);
        SubscribeFrame checkpoint =
                next(
                        subscribe(ofAll().setCheckpointEvents(1)),
                        SubscribeFrame.FrameCase.CHECKPOINT);
        SubscribeRequest.Builder behind =
                SubscribeRequest.newBuilder()
                        .setAll(
                                SubscribeRequest.AllSource.newBuilder()
                                        .setAfter(checkpoint.getCheckpoint().getPosition()));
        long[] first = {-1, -1, -1, -1};
        checkpoint
                .getCheckpoint()
                .getPosition()
                .getPartitionsList()
                .forEach(at -> first[at.getPartition()] = at.getSequence());
        for (RecordedEvent event : take(subscribe(behind), 1)) {
            assertThat(event.getSequence()).isEqualTo(++first[event.getPartition()]);
        }
    }

    @Test
    void followsSomeOfThePartitions() {
        for (int i = 0; i < 20; i++) {
            store.append(Requests.append(stream + "-" + i));
        }
        Iterator<SubscribeFrame> frames =
                subscribe(
                        SubscribeRequest.newBuilder()
                                .setAll(
                                        SubscribeRequest.AllSource.newBuilder()
                                                .addPartitions(0)
                                                .addPartitions(2)));
        Set<Integer> seen = new TreeSet<>();
        SubscribeFrame frame = frames.next();
        while (!frame.hasCaughtUp()) {
            frame.getEvents().getEventsList().forEach(it -> seen.add(it.getPartition()));
            frame = frames.next();
        }
        assertThat(seen).containsExactly(0, 2);
        assertThat(frame.getCaughtUp().getPosition().getPartitionsList())
                .extracting(PartitionPosition::getPartition)
                .containsExactly(0, 2);
    }

    @Test
    void isRefusedBeyondTheLimit() {
        StatusRuntimeException refusal =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> {
                            for (int i = 0; i <= 50; i++) {
                                next(subscribe(ofStream()), SubscribeFrame.FrameCase.CAUGHT_UP);
                            }
                        });
        assertThat(refusal).isNotNull();
        assertThat(Requests.errorInfo(refusal).getReason()).isEqualTo("OVERLOADED");
    }
}
