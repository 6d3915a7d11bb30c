package io.ridgeline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.Direction;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.NodeAddress;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.PartitionReplicas;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadResponse;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@QuarkusTest
@QuarkusTestResource(TestNode.class)
class ReadApiTest {
    private final String stream = "r-" + UUID.randomUUID();
    private ManagedChannel channel;
    private EventStoreGrpc.EventStoreBlockingStub store;

    @BeforeEach
    void connect() {
        channel = TestNode.channel();
        store = EventStoreGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    private static List<RecordedEvent> events(Iterator<ReadResponse> responses) {
        List<RecordedEvent> events = new ArrayList<>();
        responses.forEachRemaining(response -> events.addAll(response.getEventsList()));
        return events;
    }

    private AppendResponse append(int transactions) {
        AppendResponse last = AppendResponse.getDefaultInstance();
        for (int i = 0; i < transactions; i++) {
            AppendRequest.Builder request = AppendRequest.newBuilder().setPartitionKey(stream);
            // A transaction of two streams: reading one must not give events of the other.
            request.addEvents(Requests.event(stream, UUID.randomUUID(), "x".repeat(2_000)));
            request.addEvents(Requests.event(stream + "-other", UUID.randomUUID(), "o"));
            request.addEvents(Requests.event(stream, UUID.randomUUID(), "y"));
            last = store.append(request.build());
        }
        return last;
    }

    private ReadStreamRequest.Builder request() {
        return ReadStreamRequest.newBuilder().setStream(stream).setPartitionKey(stream);
    }

    @Test
    void aStreamIsReadForwardFromAnyVersion() {
        append(20);
        List<RecordedEvent> all = events(store.readStream(request().build()));
        assertThat(all).hasSize(40).allMatch(event -> event.getStream().equals(stream));
        for (int i = 0; i < 40; i++) {
            assertThat(all.get(i).getVersion()).isEqualTo(i);
        }
        assertThat(events(store.readStream(request().setFromVersion(15).build())))
                .isEqualTo(all.subList(15, 40));
        assertThat(events(store.readStream(request().setFromVersion(15).setLimit(4).build())))
                .isEqualTo(all.subList(15, 19));
        assertThat(events(store.readStream(request().setFromVersion(40).build()))).isEmpty();
    }

    @Test
    void aStreamIsReadBackwardFromAnyVersion() {
        append(20);
        List<RecordedEvent> all =
                events(store.readStream(request().setDirection(Direction.BACKWARD).build()));
        assertThat(all).extracting(RecordedEvent::getVersion).first().isEqualTo(39L);
        assertThat(all).hasSize(40);
        assertThat(
                        events(
                                store.readStream(
                                        request()
                                                .setDirection(Direction.BACKWARD)
                                                .setFromVersion(20)
                                                .setLimit(3)
                                                .build())))
                .extracting(RecordedEvent::getVersion)
                .containsExactly(20L, 19L, 18L);
    }

    @Test
    void aPartitionHasNoGaps() {
        AppendResponse last = append(5);
        int partition = last.getPosition().getPartition();
        List<RecordedEvent> all =
                events(
                        store.readPartition(
                                ReadPartitionRequest.newBuilder().setPartition(partition).build()));
        assertThat(all.size()).isGreaterThan((int) last.getPosition().getSequence());
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).getSequence()).isEqualTo(i);
        }
        List<RecordedEvent> backward =
                events(
                        store.readPartition(
                                ReadPartitionRequest.newBuilder()
                                        .setPartition(partition)
                                        .setDirection(Direction.BACKWARD)
                                        .setFromSequence(all.size() - 1)
                                        .build()));
        assertThat(backward.reversed()).isEqualTo(all);
    }

    @Test
    void allPartitionsAreReadBehindAPosition() {
        append(3);
        SortedMap<Integer, Long> last = new TreeMap<>();
        for (RecordedEvent event : events(store.readAll(ReadAllRequest.getDefaultInstance()))) {
            Long before = last.put(event.getPartition(), event.getSequence());
            assertThat(event.getSequence()).isEqualTo(before == null ? 0 : before + 1);
        }
        Position.Builder after = Position.newBuilder();
        last.forEach((partition, sequence) ->
                after.addPartitions(
                        PartitionPosition.newBuilder()
                                .setPartition(partition)
                                .setSequence(sequence)));
        append(1);
        List<RecordedEvent> rest =
                events(
                        store.readAll(
                                ReadAllRequest.newBuilder()
                                        .setAfter(after)
                                        .setConsistency(Consistency.LINEARIZABLE)
                                        .build()));
        assertThat(rest).filteredOn(event -> event.getPartitionKey().equals(stream)).hasSize(1);
        assertThat(rest)
                .allMatch(event ->
                        event.getSequence() > last.getOrDefault(event.getPartition(), -1L));
    }

    @ParameterizedTest
    @EnumSource(
            value = Consistency.class,
            names = {"LOCAL", "SESSION", "LINEARIZABLE"})
    void anAcknowledgedAppendIsRead(Consistency consistency) {
        AppendResponse last = append(1);
        assertThat(
                        events(
                                store.readStream(
                                        request()
                                                .setConsistency(consistency)
                                                .setAfter(
                                                        Position.newBuilder()
                                                                .addPartitions(last.getPosition()))
                                                .build())))
                .hasSize(2);
    }

    @Test
    void aPositionOfAnotherHistoryIsRefused() {
        AppendResponse last = append(1);
        StatusRuntimeException e =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                events(
                                        store.readAll(
                                                ReadAllRequest.newBuilder()
                                                        .setAfter(
                                                                Position.newBuilder()
                                                                        .addPartitions(
                                                                                last
                                                                                        .getPosition()
                                                                                        .toBuilder()
                                                                                        .setHistory(
                                                                                                9)))
                                                        .build())));
        assertThat(e).isNotNull();
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
    }

    @Test
    void anEventIsFoundByItsId() {
        UUID id = UUID.randomUUID();
        store.append(Requests.append(Requests.event(stream, id, "found")));
        GetEventRequest request = GetEventRequest.newBuilder().setId(Requests.bytes(id)).build();
        assertThat(store.getEvent(request).getEvent().getData().toStringUtf8()).isEqualTo("found");
        assertThat(store.getEvent(request.toBuilder().setPartitionKey(stream).build()))
                .isEqualTo(store.getEvent(request));
        StatusRuntimeException e =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                store.getEvent(
                                        GetEventRequest.newBuilder()
                                                .setId(Requests.bytes(UUID.randomUUID()))
                                                .build()));
        assertThat(e).isNotNull();
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(Requests.errorInfo(e).getReason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void someOfThePartitionsAreReadBehindAPositionOfAll() {
        for (int i = 0; i < 20; i++) {
            store.append(Requests.append(stream + "-" + i));
        }
        List<RecordedEvent> all = events(store.readAll(ReadAllRequest.getDefaultInstance()));
        List<RecordedEvent> some =
                events(
                        store.readAll(
                                ReadAllRequest.newBuilder()
                                        .addPartitions(3)
                                        .addPartitions(1)
                                        .addPartitions(3)
                                        .build()));
        assertThat(some)
                .containsExactlyInAnyOrderElementsOf(
                        all.stream()
                                .filter(it -> it.getPartition() == 1 || it.getPartition() == 3)
                                .toList());
        Position.Builder position = Position.newBuilder();
        for (int i = 0; i < 4; i++) {
            position.addPartitions(PartitionPosition.newBuilder().setPartition(i).setSequence(0));
        }
        assertThat(
                        events(
                                store.readAll(
                                        ReadAllRequest.newBuilder()
                                                .addPartitions(2)
                                                .setAfter(position)
                                                .build())))
                .isEqualTo(
                        all.stream()
                                .filter(it -> it.getPartition() == 2 && it.getSequence() > 0)
                                .toList());
    }

    @Test
    void anEventIsLookedForInSomeOfThePartitions() {
        AppendResponse last = append(1);
        RecordedEvent event = events(store.readStream(request().build())).getFirst();
        int partition = last.getPosition().getPartition();
        GetEventRequest.Builder lookup = GetEventRequest.newBuilder().setId(event.getId());
        assertThat(store.getEvent(lookup.clone().addPartitions(partition).build()).getEvent())
                .isEqualTo(event);
        StatusRuntimeException e =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                store.getEvent(
                                        lookup.clone().addPartitions((partition + 1) % 4).build()));
        assertThat(Requests.errorInfo(e).getReason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void theRoutingSaysWhichNodesHoldEachPartition() {
        GetRoutingResponse routing = store.getRouting(GetRoutingRequest.getDefaultInstance());
        assertThat(routing.getReplicasList())
                .extracting(PartitionReplicas::getPartition)
                .containsExactly(0, 1, 2, 3);
        assertThat(routing.getReplicasList())
                .allSatisfy(each -> assertThat(each.getNodesList()).containsExactly("n1"));
        assertThat(routing.getNodesList()).extracting(NodeAddress::getNode).containsExactly("n1");
        assertThat(routing.getNodes(0).getAddress())
                .isEqualTo(routing.getCoordinators(0).getAddress());
    }

    @Test
    void anUnknownPartitionIsNotFound() {
        StatusRuntimeException e =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                events(
                                        store.readPartition(
                                                ReadPartitionRequest.newBuilder()
                                                        .setPartition(77)
                                                        .build())));
        assertThat(e).isNotNull();
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void theStatusSaysWhereEachPartitionStands() {
        AppendResponse last = append(1);
        GetStatusResponse status =
                AdminGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .getStatus(GetStatusRequest.getDefaultInstance());
        assertThat(status.getReady()).isTrue();
        assertThat(status.getPartitionsList())
                .hasSize(4)
                .allMatch(partition -> partition.getCoordinator().equals("n1"));
        assertThat(status.getPartitions(last.getPosition().getPartition()).getWatermark())
                .isGreaterThanOrEqualTo(last.getPosition().getSequence());
        assertThat(status.getMembersList()).extracting("state").containsExactly("alive");
    }
}
