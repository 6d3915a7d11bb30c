package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests that can never be accepted: each is refused with its code and its field, and leaves
/// nothing behind. What is just within the limits is accepted.
class LimitsIT {
    private static final int EVENT_BYTES = 1 << 20;

    private static Node node;

    @BeforeAll
    static void start() {
        node = Node.on(Checkout.folder(LimitsIT.class, "node").resolve("data")).start();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void whatIsBeyondALimitIsRefused(String what, String code, AppendRequest request) {
        Failure failure = Failure.by(() -> node.events().append(request));
        assertThat(failure.code()).as("%s: %s", what, failure).isEqualTo(code);
        assertThat(failure.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.metadata()).containsKey("field");
        assertThat(History.of(node.events()).partitions().values())
                .as("events of a refused transaction")
                .allSatisfy(events ->
                        assertThat(events).allMatch(event -> event.getStream().startsWith("good")));
    }

    static Stream<Arguments> refusals() {
        NewEvent good = Requests.event("s", "Type", "{}");
        return Stream.of(
                refusal("no events", "INVALID_REQUEST"),
                refusal("no id", "INVALID_REQUEST", good.toBuilder().clearId()),
                refusal("an id of 15 bytes", "INVALID_REQUEST", good.toBuilder().setId(zeros(15))),
                refusal("no stream", "INVALID_REQUEST", good.toBuilder().clearStream()),
                refusal("no type", "INVALID_REQUEST", good.toBuilder().clearType()),
                refusal("a control character", "INVALID_REQUEST", stream("a\nb")),
                refusal("a stream of the system", "INVALID_REQUEST", stream("$all")),
                refusal("a type of the system", "INVALID_REQUEST", good.toBuilder().setType("$t")),
                refusal("a tag of the system", "INVALID_REQUEST", tagged("$k", "v")),
                refusal("a tag without key", "INVALID_REQUEST", tagged("", "v")),
                refusal(
                        "a tag twice",
                        "INVALID_REQUEST",
                        tagged("k", "v").addTags(Tag.newBuilder().setKey("k").setValue("w"))),
                refusal(
                        "streams of different keys",
                        "INVALID_REQUEST",
                        stream("one"),
                        stream("other")),
                refusal("513 bytes of stream", "TOO_LARGE", stream("ä".repeat(256) + "x")),
                refusal("a long type", "TOO_LARGE", good.toBuilder().setType("t".repeat(513))),
                refusal("a long tag", "TOO_LARGE", tagged("k", "v".repeat(1_025))),
                refusal("a long tag key", "TOO_LARGE", tagged("k".repeat(257), "v")),
                refusal("65 tags", "TOO_LARGE", tags(65)),
                refusal(
                        "an event of 1 MiB and a byte",
                        "TOO_LARGE",
                        good.toBuilder().setData(zeros(EVENT_BYTES + 1))),
                Arguments.of("1,001 events", "TOO_LARGE", events(1_001, 1).build()),
                Arguments.of("more than 4 MiB", "TOO_LARGE", events(5, EVENT_BYTES - 200).build()),
                Arguments.of(
                        "a condition without a kind",
                        "INVALID_REQUEST",
                        Requests.append(good).toBuilder()
                                .addConditions(AppendCondition.getDefaultInstance())
                                .build()));
    }

    @Test
    void whatIsJustWithinALimitIsAccepted() {
        String stream = "good-" + "ä".repeat(253) + "x";
        assertThat(stream.getBytes(StandardCharsets.UTF_8)).hasSize(512);
        node.events().append(append(stream(stream)));
        node.events().append(append(tags(64).setStream("good-tags")));
        node.events().append(append(stream("good-large").setData(zeros(EVENT_BYTES))));
        node.events().append(events(1_000, 10).build());
        node.events().append(events(4, EVENT_BYTES - 1_000).build());
    }

    @Test
    void anIdTwiceInOneTransactionIsAConflict() {
        NewEvent event = Requests.event("s", "Type", "{}");
        Failure failure = Failure.by(() -> node.events().append(Requests.append(event, event)));
        assertThat(failure.code()).as("%s", failure).isEqualTo("EVENT_ID_CONFLICT");
    }

    @Test
    void aKnownIdWithOtherContentIsAConflict() {
        UUID id = UUID.randomUUID();
        node.events().append(Requests.append(Requests.event(id, "good-id", "Type", "{}")));
        Failure other =
                Failure.by(() ->
                        node.events()
                                .append(
                                        Requests.append(
                                                Requests.event(id, "good-id", "Type", "[]"))));
        assertThat(other.code()).as("%s", other).isEqualTo("EVENT_ID_CONFLICT");
        assertThat(other.metadata()).containsEntry("id", id.toString());
        Failure mixed =
                Failure.by(() ->
                        node.events()
                                .append(
                                        Requests.append(
                                                Requests.event(id, "good-id", "Type", "{}"),
                                                Requests.event("good-id", "Type", "{}"))));
        assertThat(mixed.code()).as("%s", mixed).isEqualTo("EVENT_ID_CONFLICT");
    }

    @Test
    void theSameIdUnderAnotherKeyIsAnotherEvent() {
        NewEvent event = Requests.event("good-shared", "Type", "{}");
        AppendRequest request = Requests.append(event);
        node.events().append(request.toBuilder().setPartitionKey("one").build());
        assertThat(
                        node.events()
                                .append(request.toBuilder().setPartitionKey("other").build())
                                .getDuplicate())
                .isFalse();
    }

    @Test
    void readsOfWhatDoesNotExist() {
        Failure noPartition =
                Failure.by(() ->
                        node.events()
                                .readPartition(
                                        ReadPartitionRequest.newBuilder()
                                                .setPartition(4_000_000)
                                                .build())
                                .hasNext());
        assertThat(noPartition.code()).as("%s", noPartition).isEqualTo("NOT_FOUND");
        Failure noEvent =
                Failure.by(() ->
                        node.events()
                                .getEvent(
                                        GetEventRequest.newBuilder()
                                                .setId(Requests.bytes(UUID.randomUUID()))
                                                .build()));
        assertThat(noEvent.code()).as("%s", noEvent).isEqualTo("NOT_FOUND");
        Failure noSource =
                Failure.by(() ->
                        node.events().subscribe(SubscribeRequest.getDefaultInstance()).hasNext());
        assertThat(noSource.code()).as("%s", noSource).isEqualTo("INVALID_REQUEST");
        assertThat(
                        node.events()
                                .readStream(
                                        ReadStreamRequest.newBuilder().setStream("none").build())
                                .hasNext())
                .as("events of a stream that is not there")
                .isFalse();
    }

    private static Arguments refusal(String what, String code, NewEvent.Builder... events) {
        return Arguments.of(what, code, append(events));
    }

    private static AppendRequest append(NewEvent.Builder... events) {
        AppendRequest.Builder request = AppendRequest.newBuilder();
        Stream.of(events).forEach(request::addEvents);
        return request.build();
    }

    private static AppendRequest.Builder events(int count, int bytes) {
        AppendRequest.Builder request = AppendRequest.newBuilder();
        for (int i = 0; i < count; i++) {
            request.addEvents(stream("good-many").setData(zeros(bytes)));
        }
        return request;
    }

    private static NewEvent.Builder stream(String stream) {
        return Requests.event(stream, "Type", "{}").toBuilder();
    }

    private static NewEvent.Builder tagged(String key, String value) {
        return stream("s").addTags(Tag.newBuilder().setKey(key).setValue(value));
    }

    private static NewEvent.Builder tags(int count) {
        NewEvent.Builder event = stream("s");
        for (int i = 0; i < count; i++) {
            event.addTags(Tag.newBuilder().setKey("key" + i).setValue("v"));
        }
        return event;
    }

    private static ByteString zeros(int bytes) {
        return ByteString.copyFrom(new byte[bytes]);
    }
}
