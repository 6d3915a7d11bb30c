package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Two servers of one store. The first one, which is asked first, does not get through to the
/// coordinator of one partition.
class DetourTest {
    private static final int CLOSED = 0;
    private static final int OTHER = 1;
    private static final int LONG_MILLIS = 60_000;

    private final MemoryStore store = new MemoryStore();
    private final FakeServer first = new FakeServer(store, "n1");
    private final FakeServer second = new FakeServer(store, "n2");
    private final RidgelineClient client =
            RidgelineClient.connect(first.address() + "," + second.address());

    @AfterEach
    void close() {
        client.close();
        first.close();
        second.close();
    }

    private static List<String> streams(int partition, int count) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "s" + i)
                .filter(it -> MemoryStore.partitionOf(it) == partition)
                .limit(count)
                .toList();
    }

    private static int partition(AppendRequest request) {
        return MemoryStore.partitionOf(request.getEvents(0).getStream());
    }

    private static void open(FakeServer server, int retryAfterMillis) {
        openFor(server, Integer.MAX_VALUE, retryAfterMillis);
    }

    private static void openFor(FakeServer server, int requests, int retryAfterMillis) {
        AtomicInteger left = new AtomicInteger(requests);
        server.refuse(request ->
                partition(request) == CLOSED && left.getAndDecrement() > 0
                        ? Optional.of(
                                MemoryStore.error(
                                        ErrorCode.CIRCUIT_OPEN,
                                        "the coordinator does not answer",
                                        Map.of(
                                                "partition",
                                                Integer.toString(CLOSED),
                                                "retry_after_millis",
                                                Integer.toString(retryAfterMillis))))
                        : Optional.empty());
    }

    private void append(String stream) {
        client.append(stream).event("T", "1").send();
    }

    private static long asked(FakeServer server, int partition) {
        return server.messages().stream()
                .flatMap(it -> it.getAppendsList().stream())
                .filter(it -> partition(it) == partition)
                .count();
    }

    private void learnPartitions() {
        FakeServer.cluster(List.of(first, second), Collections.nCopies(2, Set.of(0, 1, 2, 3)));
        assertThat(client.partitions()).hasSize(MemoryStore.PARTITIONS);
    }

    @Test
    void onlyThePartitionGoesAnotherWay() {
        learnPartitions();
        open(first, LONG_MILLIS);
        for (String stream : streams(CLOSED, 10)) {
            append(stream);
        }
        assertThat(asked(first, CLOSED)).isEqualTo(1);
        assertThat(asked(second, CLOSED)).isEqualTo(10);
        for (String stream : streams(OTHER, 10)) {
            append(stream);
        }
        assertThat(asked(first, OTHER)).isEqualTo(10);
        assertThat(asked(second, OTHER)).isZero();
    }

    @Test
    void writesOfOtherPartitionsStillGoWhereTheirCoordinatorIs() {
        String closed = streams(CLOSED, 1).get(0);
        String other = streams(OTHER, 1).get(0);
        first.refuse(request ->
                Optional.of(
                        MemoryStore.error(
                                ErrorCode.NOT_COORDINATOR,
                                "not I",
                                Map.of("coordinator_address", second.address()))));
        append(closed);
        append(other);
        assertThat(asked(first, OTHER)).isEqualTo(1);
        first.refuse(request -> Optional.empty());
        open(second, LONG_MILLIS);
        append(closed);
        append(closed);
        assertThat(asked(first, CLOSED)).isEqualTo(3);
        assertThat(asked(second, CLOSED)).isEqualTo(2);
        append(other);
        assertThat(asked(first, OTHER)).isEqualTo(1);
        assertThat(asked(second, OTHER)).isEqualTo(2);
    }

    @Test
    void slotsOfUnknownPartitionsGoAnotherWayEachByItself() {
        List<String> two = streams(CLOSED, 2);
        open(first, LONG_MILLIS);
        append(two.get(0));
        append(two.get(0));
        assertThat(asked(first, CLOSED)).isEqualTo(1);
        append(two.get(1));
        assertThat(asked(first, CLOSED)).isEqualTo(2);
        assertThat(asked(second, CLOSED)).isEqualTo(3);
        append(streams(OTHER, 1).get(0));
        assertThat(asked(first, OTHER)).isEqualTo(1);
    }

    @Test
    void theNodeIsAskedAgainOnceTheHintHasPassed() {
        learnPartitions();
        open(first, 100);
        String stream = streams(CLOSED, 1).get(0);
        append(stream);
        assertThat(asked(first, CLOSED)).isEqualTo(1);
        first.refuse(request -> Optional.empty());
        second.stop();
        append(stream);
        assertThat(asked(first, CLOSED)).isEqualTo(2);
    }

    @Test
    void anAppendWaitsForTheHintIfThereIsNoOtherWay() {
        learnPartitions();
        openFor(first, 1, 300);
        openFor(second, 1, 300);
        long began = System.nanoTime();
        append(streams(CLOSED, 1).get(0));
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(300_000_000);
        assertThat(asked(first, CLOSED) + asked(second, CLOSED)).isEqualTo(3);
    }

    @Test
    void onlyTheReadGoesToAnotherNode() {
        String closed = streams(CLOSED, 1).get(0);
        String other = streams(OTHER, 1).get(0);
        append(closed);
        append(other);
        first.unreadable(CLOSED, ErrorCode.CIRCUIT_OPEN);
        for (int i = 0; i < 3; i++) {
            assertThat(read(closed)).hasSize(1);
        }
        assertThat(first.framesSent()).isZero();
        assertThat(second.framesSent()).isEqualTo(3);
        assertThat(read(other)).hasSize(1);
        assertThat(first.framesSent()).isEqualTo(1);
    }

    private Stream<RecordedEvent> read(String stream) {
        return client.read(Source.stream(stream)).linearizable().stream();
    }
}
