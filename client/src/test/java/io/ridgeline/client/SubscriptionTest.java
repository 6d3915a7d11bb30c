package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    private final RidgelineClient client = RidgelineClient.connect(server.address());
    private final Recorder recorder = new Recorder();

    /// Keeps what it is told.
    private static final class Recorder implements EventHandler {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        final List<String> places = Collections.synchronizedList(new ArrayList<>());
        final List<Position> checkpoints = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch caughtUp = new CountDownLatch(1);

        @Override
        public void onEvent(RecordedEvent event) {
            places.add(event.partition() + ":" + event.sequence());
            events.add(event.stream() + "=" + event.dataText());
        }

        @Override
        public void onCheckpoint(Position position) {
            checkpoints.add(position);
        }

        @Override
        public void onCaughtUp(Position position) {
            caughtUp.countDown();
        }

        void await(int count) {
            org.awaitility.Awaitility.await().until(() -> events.size() >= count);
        }
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private void append(String stream, int from, int to) {
        for (int i = from; i < to; i++) {
            client.append(stream).event("T" + i % 2, Integer.toString(i)).send();
        }
    }

    private static List<String> numbers(String stream, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> stream + "=" + i).toList();
    }

    @Test
    void goesFromHistoryToLive() throws Exception {
        append("a", 0, 10);
        try (Subscription subscription = client.subscribe(Source.stream("a")).start(recorder)) {
            recorder.await(10);
            assertThat(recorder.caughtUp.await(10, TimeUnit.SECONDS)).isTrue();
            append("a", 10, 20);
            recorder.await(20);
            assertThat(recorder.events).isEqualTo(numbers("a", 0, 20));
            assertThat(subscription.done()).isNotDone();
        }
    }

    @Test
    void startsWhereItIsTold() throws Exception {
        append("a", 0, 10);
        int partition = MemoryStore.partitionOf("a");
        try (Subscription _ =
                client.subscribe(Source.partition(partition)).from(7).start(recorder)) {
            recorder.await(3);
        }
        Recorder second = new Recorder();
        try (Subscription _ =
                client.subscribe(Source.all())
                        .after(Position.parse(partition + ":0:4"))
                        .start(second)) {
            second.await(5);
        }
        Recorder third = new Recorder();
        try (Subscription _ = client.subscribe(Source.stream("a")).fromEnd().start(third)) {
            assertThat(third.caughtUp.await(10, TimeUnit.SECONDS)).isTrue();
            append("a", 10, 11);
            third.await(1);
        }
        assertThat(recorder.events).isEqualTo(numbers("a", 7, 10));
        assertThat(second.events).isEqualTo(numbers("a", 5, 10));
        assertThat(third.events).isEqualTo(numbers("a", 10, 11));
    }

    @Test
    void resumesByItselfWithoutGapOrDuplicate() {
        server.breakFeedsAfter(3);
        append("a", 0, 50);
        append("b", 0, 50);
        append("c", 0, 50);
        try (Subscription _ = client.subscribe(Source.all()).start(recorder)) {
            recorder.await(100);
            server.stop();
            server.restart();
            append("a", 50, 70);
            append("b", 50, 70);
            recorder.await(190);
            assertThat(server.subscriptions()).isGreaterThan(3);
            assertThat(recorder.places).hasSize(190).doesNotHaveDuplicates();
            Map<String, List<String>> byStream = new HashMap<>();
            recorder.events.forEach(it ->
                    byStream.computeIfAbsent(it.substring(0, 1), any -> new ArrayList<>()).add(it));
            assertThat(byStream.get("a")).isEqualTo(numbers("a", 0, 70));
            assertThat(byStream.get("b")).isEqualTo(numbers("b", 0, 70));
            assertThat(byStream.get("c")).isEqualTo(numbers("c", 0, 50));
        }
    }

    @Test
    void resumesBehindWhatDidNotMatch() throws Exception {
        append("a", 0, 40);
        server.breakFeedsAfter(2);
        try (Subscription subscription =
                client.subscribe(Source.partition(MemoryStore.partitionOf("a")))
                        .type("T1")
                        .checkpointEvents(1)
                        .start(recorder)) {
            recorder.await(20);
            assertThat(recorder.caughtUp.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(recorder.events)
                    .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "a=" + (2 * i + 1)).toList());
            assertThat(subscription.position().toString())
                    .contains(MemoryStore.partitionOf("a") + ":0:39");
        }
    }

    @Test
    void filtersByPrefixTypeAndTag() {
        client.append("order-1").event(EventData.json("Paid", "1").withTag("land", "de")).send();
        client.append("order-2").event(EventData.json("Paid", "2").withTag("land", "fr")).send();
        client.append("order-3").event(EventData.json("Sent", "3").withTag("land", "de")).send();
        client.append("user-1").event(EventData.json("Paid", "4").withTag("land", "de")).send();
        client.append("order-4").event(EventData.json("Paid", "5").withTag("land", "de")).send();
        try (Subscription _ =
                client.subscribe(Source.all())
                        .streamPrefix("order-")
                        .type("Paid")
                        .tag("land", "de")
                        .start(recorder)) {
            recorder.await(2);
            assertThat(recorder.events).containsExactlyInAnyOrder("order-1=1", "order-4=5");
        }
    }

    @Test
    void waitsForASlowHandler() throws Exception {
        server.eventsPerMessage(1);
        String kilobytes = "\"" + "x".repeat(200_000) + "\"";
        for (int i = 0; i < 100; i++) {
            client.append("long").event("T", kilobytes).send();
        }
        CountDownLatch go = new CountDownLatch(1);
        List<Long> versions = Collections.synchronizedList(new ArrayList<>());
        try (Subscription _ =
                client.subscribe(Source.stream("long"))
                        .start(event -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            versions.add(event.version());
                        })) {
            await().until(() -> server.framesSent() > 0);
            for (int i = 0; i < 20; i++) {
                client.append("other").event("T", "1").send();
            }
            assertThat(server.framesSent()).isLessThan(60);
            go.countDown();
            await().until(() -> versions.size() == 100);
            assertThat(versions).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void endsWithWhatTheHandlerThrows() {
        append("a", 0, 3);
        Subscription subscription =
                client.subscribe(Source.stream("a"))
                        .start(event -> {
                            throw new IllegalArgumentException("no " + event.version());
                        });
        assertThatThrownBy(() -> subscription.done().get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no 0");
    }

    @Test
    void isClosedFromAnywhere() throws Exception {
        append("a", 0, 3);
        Subscription subscription = client.subscribe(Source.stream("a")).start(recorder);
        recorder.await(3);
        CompletableFuture.runAsync(subscription::close).get(10, TimeUnit.SECONDS);
        subscription.done().get(10, TimeUnit.SECONDS);
        append("a", 3, 5);
        assertThat(recorder.events).hasSize(3);
    }

    @Test
    void endsWithTheClient() throws Exception {
        Subscription subscription = client.subscribe(Source.all()).start(recorder);
        assertThat(recorder.caughtUp.await(10, TimeUnit.SECONDS)).isTrue();
        client.close();
        await().until(subscription.done()::isDone);
    }
}
