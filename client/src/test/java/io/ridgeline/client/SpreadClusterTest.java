package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Four servers of one store with four partitions: server `i` holds all but partition `i`.
class SpreadClusterTest {
    private static final int COUNT = MemoryStore.PARTITIONS;

    private final MemoryStore store = new MemoryStore();
    private final List<FakeServer> servers =
            IntStream.range(0, COUNT).mapToObj(i -> new FakeServer(store, "n" + i)).toList();
    private final RidgelineClient client;
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private int appended;

    SpreadClusterTest() {
        List<Set<Integer>> held = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            Set<Integer> all = new TreeSet<>(Set.of(0, 1, 2, 3));
            all.remove(i);
            held.add(all);
        }
        FakeServer.cluster(servers, held);
        client = RidgelineClient.connect(servers.get(0).address());
    }

    @AfterEach
    void close() {
        client.close();
        servers.forEach(FakeServer::close);
    }

    /// Appends to many streams, so that there is something in every partition.
    private void append(int count, String data) {
        for (int i = 0; i < count; i++) {
            client.append("s" + appended++ % 50).event("T" + i % 2, data).send();
        }
        for (int i = 0; i < COUNT; i++) {
            assertThat(store.partition(i)).isNotEmpty();
        }
    }

    private static String place(RecordedEvent event) {
        return event.partition() + ":" + event.sequence();
    }

    /// Each event of the store once, and those of a partition in their order.
    private void assertComplete(List<String> places) {
        assertComplete(places, new int[COUNT]);
    }

    private void assertComplete(List<String> places, int[] from) {
        List<String> copy = List.copyOf(places);
        int count = 0;
        for (int i = 0; i < COUNT; i++) {
            int partition = i;
            List<String> wanted =
                    IntStream.range(from[i], store.partition(i).size())
                            .mapToObj(sequence -> partition + ":" + sequence)
                            .toList();
            assertThat(copy.stream().filter(it -> it.startsWith(partition + ":")))
                    .containsExactlyElementsOf(wanted);
            count += wanted.size();
        }
        assertThat(copy).hasSize(count);
    }

    private static String big() {
        return "\"" + "x".repeat(200_000) + "\"";
    }

    /// {@return a server that is asked for a share of something}
    private FakeServer busy() {
        return servers.stream()
                .filter(it ->
                        Stream.concat(it.readAlls().stream(), it.subscribedTo().stream())
                                .anyMatch(partitions -> !partitions.isEmpty()))
                .findFirst()
                .orElseThrow();
    }

    @Nested
    class AReadOfEverything {
        @Test
        void asksEveryNodeForAnEqualShare() {
            append(400, "1");
            try (Stream<RecordedEvent> events = client.read(Source.all()).stream()) {
                assertComplete(events.map(SpreadClusterTest::place).toList());
            }
            Set<Integer> asked = new HashSet<>();
            for (FakeServer server : servers) {
                List<List<Integer>> shares =
                        server.readAlls().stream().filter(it -> !it.isEmpty()).toList();
                assertThat(shares).hasSize(1);
                assertThat(shares.get(0)).hasSize(1);
                asked.addAll(shares.get(0));
            }
            assertThat(asked).containsExactlyInAnyOrder(0, 1, 2, 3);
        }

        @Test
        void isRefusedAsAWholeOnlyOnce() {
            append(200, "1");
            try (RidgelineClient reader = RidgelineClient.connect(servers.get(0).address())) {
                for (int i = 0; i < 3; i++) {
                    assertThat(reader.read(Source.all()).linearizable().stream()).hasSize(200);
                }
            }
            assertThat(servers.stream().mapToInt(FakeServer::wrongNode).sum()).isEqualTo(1);
        }

        @Test
        void goesOnAfterLostConnections() {
            append(400, "1");
            servers.forEach(it -> it.breakFeedsAfter(3));
            try (Stream<RecordedEvent> events = client.read(Source.all()).stream()) {
                assertComplete(events.map(SpreadClusterTest::place).toList());
            }
        }

        @Test
        void goesOnWhenANodeIsLost() {
            servers.forEach(it -> it.eventsPerMessage(1));
            append(300, big());
            try (EventIterator events = client.read(Source.all()).iterator()) {
                List<String> places = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    places.add(place(events.next()));
                }
                busy().stop();
                while (events.hasNext()) {
                    places.add(place(events.next()));
                }
                assertComplete(places);
            }
        }

        @Test
        void beginsBehindAPositionAndKeepsToItsLimit() {
            append(400, "1");
            Position behind = Position.parse("0:0:3,2:0:9");
            try (Stream<RecordedEvent> events = client.read(Source.all()).after(behind).stream()) {
                assertComplete(
                        events.map(SpreadClusterTest::place).toList(), new int[] {4, 0, 10, 0});
            }
            try (Stream<RecordedEvent> events = client.read(Source.all()).limit(37).stream()) {
                assertThat(events.map(SpreadClusterTest::place))
                        .hasSize(37)
                        .doesNotHaveDuplicates();
            }
        }

        @Test
        void isNotReadFurtherThanItIsTaken() {
            servers.forEach(it -> it.eventsPerMessage(1));
            append(300, big());
            try (EventIterator events = client.read(Source.all()).iterator()) {
                events.next();
                await().during(Duration.ofMillis(300))
                        .until(() -> servers.stream().mapToInt(FakeServer::framesSent).sum() < 200);
                List<String> places = new ArrayList<>(List.of("first"));
                events.forEachRemaining(it -> places.add(place(it)));
                assertThat(places).hasSize(300).doesNotHaveDuplicates();
            }
        }

        @Test
        void failsIfNoNodeThatHoldsAPartitionCanBeReached() {
            append(100, "1");
            // Together they are all that hold partition 3.
            servers.subList(0, 3).forEach(FakeServer::stop);
            String last = servers.get(3).address();
            try (RidgelineClient hasty =
                    RidgelineClient.builder().servers(last).failFast().build()) {
                assertThatThrownBy(() -> hasty.read(Source.all()).stream().count())
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("no node that holds partition 3")
                        .hasMessageContaining("cannot reach");
            }
            try (RidgelineClient patient =
                    RidgelineClient.builder()
                            .servers(last)
                            .readTimeout(Duration.ofMillis(500))
                            .build()) {
                assertThatThrownBy(() -> patient.read(Source.all()).stream().count())
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("no node that holds partition 3 has answered for")
                        .hasMessageContaining("cannot reach");
            }
        }

        @Test
        void failsIfAPartitionCannotBeReadForLong() {
            append(100, "1");
            servers.forEach(it -> it.unreadable(2));
            try (RidgelineClient patient =
                    RidgelineClient.builder()
                            .servers(servers.get(0).address())
                            .readTimeout(Duration.ofMillis(500))
                            .build()) {
                assertThatThrownBy(() ->
                                patient.read(Source.all()).stream()
                                        .forEach(it -> seen.add(place(it))))
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("no node that holds partition 2 has answered for")
                        .hasMessageContaining("not yet");
            }
            assertThat(seen).hasSize(100 - store.partition(2).size()).doesNotHaveDuplicates();
        }

        @Test
        void isOneCallWhereTheNodeHoldsEverything() {
            FakeServer.cluster(servers, Collections.nCopies(COUNT, Set.of(0, 1, 2, 3)));
            append(100, "1");
            int asked = servers.get(0).routings();
            assertThat(client.read(Source.all()).stream()).hasSize(100);
            assertThat(servers.get(0).readAlls()).containsExactly(List.of());
            assertThat(servers.subList(1, COUNT)).allMatch(it -> it.readAlls().isEmpty());
            assertThat(servers.get(0).routings()).isEqualTo(asked);
        }

        @Test
        void endsWhenItIsClosed() {
            append(100, "1");
            EventIterator events = client.read(Source.all()).iterator();
            events.next();
            events.close();
            assertThat(events.hasNext()).isFalse();
        }
    }

    @Nested
    class ASubscriptionToEverything {
        private final List<Position> checkpoints = Collections.synchronizedList(new ArrayList<>());
        private final CountDownLatch caughtUp = new CountDownLatch(1);
        private volatile int seenWhenCaughtUp = -1;

        private final EventHandler handler =
                new EventHandler() {
                    @Override
                    public void onEvent(RecordedEvent event) {
                        seen.add(place(event));
                    }

                    @Override
                    public void onCheckpoint(Position position) {
                        checkpoints.add(position);
                    }

                    @Override
                    public void onCaughtUp(Position position) {
                        if (seenWhenCaughtUp < 0) {
                            seenWhenCaughtUp = seen.size();
                        }
                        checkpoints.add(position);
                        caughtUp.countDown();
                    }
                };

        private void awaitCaughtUp() throws InterruptedException {
            assertThat(caughtUp.await(10, TimeUnit.SECONDS)).isTrue();
        }

        private void awaitAll(int count) {
            await().until(() -> seen.size() >= count);
            assertComplete(seen);
        }

        @Test
        void isCaughtUpOnceAllSharesAre() throws Exception {
            append(400, "1");
            try (Subscription subscription = client.subscribe(Source.all()).start(handler)) {
                awaitCaughtUp();
                assertThat(seenWhenCaughtUp).isEqualTo(400);
                append(100, "2");
                awaitAll(500);
                assertThat(subscription.position().partitions()).hasSize(COUNT);
            }
            assertThat(servers)
                    .allSatisfy(it ->
                            assertThat(it.subscribedTo().stream().filter(each -> !each.isEmpty()))
                                    .hasSize(1));
        }

        @Test
        void goesOnWhenNodesAreLostAndComeBack() throws Exception {
            append(200, "1");
            try (Subscription subscription = client.subscribe(Source.all()).start(handler)) {
                awaitCaughtUp();
                for (FakeServer server : servers.subList(1, COUNT)) {
                    server.stop();
                    append(100, "2");
                    server.restart();
                    append(20, "3");
                }
                awaitAll(560);
                assertThat(subscription.done()).isNotDone();
            }
        }

        private RidgelineClient looking() {
            return RidgelineClient.builder()
                    .servers(servers.get(0).address())
                    .rebalancing(Duration.ofMillis(50))
                    .build();
        }

        /// {@return the partitions that the server was asked for last}
        private List<Integer> lastShare(FakeServer server) {
            List<List<Integer>> all = server.subscribedTo();
            return all.get(all.size() - 1);
        }

        @Test
        void isSharedOutAnewWhenANodeIsBack() throws Exception {
            append(200, "1");
            try (RidgelineClient looking = looking();
                    Subscription subscription = looking.subscribe(Source.all()).start(handler)) {
                awaitCaughtUp();
                for (FakeServer server : servers.subList(1, COUNT)) {
                    int before = server.subscriptions();
                    server.stop();
                    append(50, "2");
                    await().until(() -> seen.size() >= store.size());
                    server.restart();
                    await().until(() -> {
                        append(1, "3");
                        return server.subscriptions() > before
                                && servers.stream().allMatch(it -> lastShare(it).size() == 1);
                    });
                }
                append(50, "4");
                awaitAll(store.size());
                int calls = servers.stream().mapToInt(FakeServer::subscriptions).sum();
                await().during(Duration.ofMillis(500))
                        .until(() ->
                                servers.stream().mapToInt(FakeServer::subscriptions).sum()
                                        == calls);
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void isNotGivenToANodeThatIsBehindTheReader() throws Exception {
            append(200, "1");
            FakeServer server = servers.get(2);
            try (RidgelineClient looking = looking();
                    Subscription subscription = looking.subscribe(Source.all()).start(handler)) {
                awaitCaughtUp();
                int before = server.subscriptions();
                server.stop();
                append(50, "2");
                await().until(() -> seen.size() >= store.size());
                server.lag(10);
                server.restart();
                await().during(Duration.ofMillis(500))
                        .until(() -> server.subscriptions() == before);
                server.lag(0);
                await().until(() -> server.subscriptions() > before);
                awaitAll(store.size());
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void goesOnWhenANodeIsLostInTheMiddleOfHistory() {
            servers.forEach(it -> it.eventsPerMessage(1));
            append(200, big());
            CountDownLatch go = new CountDownLatch(1);
            EventHandler slow =
                    event -> {
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        seen.add(place(event));
                    };
            try (Subscription subscription = client.subscribe(Source.all()).start(slow)) {
                await().until(() -> servers.stream().allMatch(it -> it.framesSent() > 0));
                assertThat(servers.stream().mapToInt(FakeServer::framesSent).sum()).isLessThan(200);
                servers.get(2).stop();
                go.countDown();
                awaitAll(200);
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void fromTheEndTakesOnlyWhatComesWhoeverIsLost() throws Exception {
            append(100, "1");
            int[] before = IntStream.range(0, COUNT).map(i -> store.partition(i).size()).toArray();
            try (Subscription subscription =
                    client.subscribe(Source.all()).fromEnd().start(handler)) {
                awaitCaughtUp();
                assertThat(subscription.position().partitions())
                        .hasSize(COUNT)
                        .allSatisfy((partition, place) ->
                                assertThat(place.sequence()).isEqualTo(before[partition] - 1));
                append(50, "2");
                await().until(() -> seen.size() >= 50);
                servers.get(3).stop();
                append(50, "3");
                await().until(() -> seen.size() >= 100);
                assertComplete(seen, before);
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void resumesBehindACheckpoint() throws Exception {
            append(300, "1");
            List<String> afterwards = Collections.synchronizedList(new ArrayList<>());
            try (Subscription subscription =
                    client.subscribe(Source.all()).type("T1").checkpointEvents(1).start(handler)) {
                awaitCaughtUp();
                assertThat(seen).hasSize(150).doesNotHaveDuplicates();
                assertThat(checkpoints).isNotEmpty();
                assertThat(subscription.position().partitions()).hasSize(COUNT);
            }
            Position stored = checkpoints.get(checkpoints.size() - 1);
            Map<Integer, Long> ends = new HashMap<>();
            stored.partitions().forEach((partition, it) -> ends.put(partition, it.sequence()));
            for (int i = 0; i < COUNT; i++) {
                assertThat(ends).containsEntry(i, store.partition(i).size() - 1L);
            }
            try (Subscription subscription =
                    client.subscribe(Source.all())
                            .after(stored)
                            .start(event -> afterwards.add(event.dataText()))) {
                append(50, "2");
                await().until(() -> afterwards.size() >= 50);
                assertThat(afterwards).hasSize(50).containsOnly("2");
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void waitsForAPartitionWhoseNodesAreAllAway() throws Exception {
            append(100, "1");
            try (Subscription subscription = client.subscribe(Source.all()).start(handler)) {
                awaitCaughtUp();
                List<FakeServer> holding = servers.subList(1, COUNT);
                holding.forEach(FakeServer::stop);
                append(100, "2");
                // The node that is left serves what it holds meanwhile.
                long others = 200L - store.partition(0).size();
                await().until(() ->
                        seen.stream().filter(it -> !it.startsWith("0:")).count() == others);
                holding.forEach(FakeServer::restart);
                awaitAll(200);
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void goesOnWithTheOthersWhileAPartitionCannotBeRead() {
            append(100, "1");
            servers.forEach(it -> it.unreadable(2));
            try (Subscription subscription = client.subscribe(Source.all()).start(handler)) {
                await().until(() -> seen.size() == 100 - store.partition(2).size());
                servers.get(3).stop();
                append(100, "2");
                await().until(() -> seen.size() == 200 - store.partition(2).size());
                assertThat(caughtUp.getCount()).isEqualTo(1);
                servers.forEach(it -> it.unreadable(-1));
                awaitAll(200);
                await().until(() -> caughtUp.getCount() == 0);
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void isClosedFromAnywhere() throws Exception {
            append(50, "1");
            Subscription subscription = client.subscribe(Source.all()).start(handler);
            awaitCaughtUp();
            subscription.close();
            subscription.done().get(10, TimeUnit.SECONDS);
        }

        @Test
        void endsWithTheClient() throws Exception {
            append(50, "1");
            Subscription subscription = client.subscribe(Source.all()).start(handler);
            awaitCaughtUp();
            client.close();
            await().until(subscription.done()::isDone);
        }
    }

    @Nested
    class WhatIsInOnePartition {
        /// A stream of the partition that the server that is asked first does not hold.
        private String elsewhere() {
            return IntStream.range(0, 100)
                    .mapToObj(i -> "e" + i)
                    .filter(it -> MemoryStore.partitionOf(it) == 0)
                    .findFirst()
                    .orElseThrow();
        }

        @Test
        void isReadFromANodeThatHoldsIt() {
            String stream = elsewhere();
            for (int i = 0; i < 10; i++) {
                client.append(stream).event("T", Integer.toString(i)).send();
            }
            for (int i = 0; i < 3; i++) {
                assertThat(client.read(Source.stream(stream)).stream()).hasSize(10);
                assertThat(client.read(Source.stream(stream)).linearizable().stream()).hasSize(10);
                assertThat(client.read(Source.partition(0)).stream()).hasSize(10);
            }
            assertThat(servers.get(0).wrongNode()).isLessThanOrEqualTo(3);
        }

        @Test
        void isFollowedAtAnotherNodeThatHoldsIt() {
            String stream = elsewhere();
            client.append(stream).event("T", "0").send();
            try (Subscription subscription =
                    client.subscribe(Source.stream(stream)).start(it -> seen.add(place(it)))) {
                await().until(() -> seen.size() == 1);
                for (int i = 1; i < COUNT - 1; i++) {
                    servers.get(i).stop();
                    client.append(stream).event("T", Integer.toString(i)).send();
                }
                await().until(() -> seen.size() == COUNT - 1);
                assertThat(seen).doesNotHaveDuplicates();
                assertThat(subscription.done()).isNotDone();
            }
        }

        @Test
        void countsAsAPartitionWhoeverHoldsIt() {
            assertThat(client.partitions()).containsExactly(0, 1, 2, 3);
        }

        @Test
        void isFoundByItsIdAlone() {
            List<UUID> ids = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                ids.add(client.append("s" + i).event("T", "1").send().eventIds().get(0));
            }
            for (int i = 0; i < 40; i++) {
                assertThat(client.get(ids.get(i))).map(RecordedEvent::stream).contains("s" + i);
                assertThat(client.get(ids.get(i), "s" + i)).isPresent();
            }
            assertThat(client.get(EventIds.next())).isEmpty();
            assertThat(client.get(EventIds.next(), elsewhere())).isEmpty();
            servers.get(1).stop();
            servers.get(2).stop();
            for (int i = 0; i < 40; i++) {
                assertThat(client.get(ids.get(i))).map(RecordedEvent::stream).contains("s" + i);
            }
            assertThat(client.get(EventIds.next())).isEmpty();
        }

        @Test
        void isNotSaidToBeMissingWhileNobodyCanLook() {
            append(60, "1");
            servers.subList(1, COUNT).forEach(FakeServer::stop);
            try (RidgelineClient hasty =
                    RidgelineClient.builder()
                            .servers(servers.get(0).address())
                            .failFast()
                            .build()) {
                assertThatThrownBy(() -> hasty.get(EventIds.next()))
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("no node that holds partition 0 answered");
            }
        }
    }
}
