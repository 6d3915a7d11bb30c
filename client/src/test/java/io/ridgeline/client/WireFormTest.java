package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.StreamCondition;
import io.ridgeline.api.v1.Tag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What is written and read by hand is what the generated classes say.
class WireFormTest {
    private static final UUID ID = UUID.fromString("0192f0c4-9aaa-7bbb-8ccc-0123456789ab");
    private static final ByteString ID_BYTES =
            ByteString.copyFrom(
                    ByteBuffer.allocate(16)
                            .putLong(ID.getMostSignificantBits())
                            .putLong(ID.getLeastSignificantBits())
                            .flip());

    @Nested
    class ATransaction {
        @Test
        void carriesAllItsFields() throws Exception {
            try (RidgelineClient client = RidgelineClient.connect("localhost:1")) {
                String large = "x".repeat(20_000);
                Append append =
                        client
                                .append("straße-☂")
                                .partitionKey("ключ")
                                .expect(Expect.version(0))
                                .event(
                                        EventData.json("Opened", "{\"a\":\"ü\"}")
                                                .withId(ID)
                                                .withMetadata("{}")
                                                .withTag("z", "1")
                                                .withTag("a", "")
                                                .withCreated(
                                                        Instant.parse(
                                                                "1969-12-31T23:59:59.999999Z")))
                                .stream("other")
                                .expect(Expect.noStream())
                                .event(
                                        EventData.of(
                                                        "Blob",
                                                        "text/plain",
                                                        large.getBytes(StandardCharsets.UTF_8))
                                                .withId(ID))
                                .stream("third")
                                .expect(Expect.streamExists())
                                .timeout(Duration.ofMinutes(5));

                AppendRequest expected =
                        AppendRequest.newBuilder()
                                .setPartitionKey("ключ")
                                .addConditions(
                                        condition(
                                                StreamCondition.newBuilder()
                                                        .setStream("straße-☂")
                                                        .setExactVersion(0)))
                                .addConditions(
                                        condition(
                                                StreamCondition.newBuilder()
                                                        .setStream("other")
                                                        .setNoStream(
                                                                StreamCondition.NoStream
                                                                        .getDefaultInstance())))
                                .addConditions(
                                        condition(
                                                StreamCondition.newBuilder()
                                                        .setStream("third")
                                                        .setStreamExists(
                                                                StreamCondition.StreamExists
                                                                        .getDefaultInstance())))
                                .addEvents(
                                        NewEvent.newBuilder()
                                                .setId(ID_BYTES)
                                                .setStream("straße-☂")
                                                .setType("Opened")
                                                .setData(ByteString.copyFromUtf8("{\"a\":\"ü\"}"))
                                                .setMetadata(ByteString.copyFromUtf8("{}"))
                                                .addTags(Tag.newBuilder().setKey("a"))
                                                .addTags(Tag.newBuilder().setKey("z").setValue("1"))
                                                .setCreatedMicros(-1))
                                .addEvents(
                                        NewEvent.newBuilder()
                                                .setId(ID_BYTES)
                                                .setStream("other")
                                                .setType("Blob")
                                                .setContentType("text/plain")
                                                .setData(ByteString.copyFromUtf8(large)))
                                .setTimeoutMillis(300_000)
                                .build();
                Append.Encoded encoded = append.encode(Duration.ofSeconds(10));
                assertThat(AppendStreamRequest.parseFrom(encoded.bytes()))
                        .isEqualTo(AppendStreamRequest.newBuilder().addAppends(expected).build());
                int head = encoded.headLength();
                assertThat(
                                AppendRequest.parseFrom(
                                        ByteString.copyFrom(
                                                encoded.bytes(),
                                                head,
                                                encoded.bytes().length - head)))
                        .isEqualTo(expected);
            }
        }

        private static AppendCondition condition(StreamCondition.Builder stream) {
            return AppendCondition.newBuilder().setStream(stream).build();
        }

        @Test
        void asksForNothingWhenAnythingWillDo() throws Exception {
            try (RidgelineClient client = RidgelineClient.connect("localhost:1")) {
                Append append = client.append("s").expect(Expect.any()).event("T", "1");
                assertThat(
                                AppendStreamRequest.parseFrom(
                                                append.encode(Duration.ofSeconds(1)).bytes())
                                        .getAppends(0)
                                        .getConditionsCount())
                        .isZero();
            }
        }

        @Test
        void isRefusedWithoutEventsAndWithSeveralStreamsButNoKey() {
            try (RidgelineClient client = RidgelineClient.connect("localhost:1")) {
                assertThatThrownBy(() -> client.append("s").sendAsync())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("needs an event");
                Append two = client.append("a").event("T", "1").stream("b").event("T", "1");
                assertThatThrownBy(two::sendAsync)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("partition key");
            }
        }

        @Test
        void doesNotTurnHalfASurrogatePairIntoAQuestionMark() {
            try (RidgelineClient client = RidgelineClient.connect("localhost:1")) {
                assertThatThrownBy(() -> client.append("a\ud800b"))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> EventData.json("\udc00", "1"))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(client.append("\ud83d\ude00").partitionKey()).isEqualTo("😀");
            }
        }
    }

    @Nested
    class ARecordedEvent {
        private final io.ridgeline.api.v1.RecordedEvent message =
                io.ridgeline.api.v1.RecordedEvent.newBuilder()
                        .setId(ID_BYTES)
                        .setStream("ström")
                        .setVersion(1L << 40)
                        .setPartition(7)
                        .setSequence(300)
                        .setType("Typ")
                        .setContentType("text/plain")
                        .setData(ByteString.copyFromUtf8("häh"))
                        .setMetadata(ByteString.copyFromUtf8("{}"))
                        .addTags(Tag.newBuilder().setKey("a").setValue("1"))
                        .addTags(Tag.newBuilder().setKey("b"))
                        .setCreatedMicros(-1)
                        .setSchemaId(9)
                        .setPartitionKey("key")
                        .setUnknownFields(
                                UnknownFieldSet.newBuilder()
                                        .addField(
                                                99,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addFixed32(1)
                                                        .addFixed64(2)
                                                        .addVarint(3)
                                                        .addLengthDelimited(ID_BYTES)
                                                        .build())
                                        .build())
                        .build();

        private static RecordedEvent decoded(io.ridgeline.api.v1.RecordedEvent message) {
            byte[] bytes =
                    ByteString.copyFromUtf8("before").concat(message.toByteString()).toByteArray();
            return new RecordedEvent(bytes, 6, bytes.length - 6);
        }

        @Test
        void hasAllItsFieldsAndSkipsThoseOfALaterVersion() {
            for (RecordedEvent event :
                    new RecordedEvent[] {decoded(message), decoded(message).detach()}) {
                assertThat(event.id()).isEqualTo(ID);
                assertThat(event.stream()).isEqualTo("ström");
                assertThat(event.version()).isEqualTo(1L << 40);
                assertThat(event.partition()).isEqualTo(7);
                assertThat(event.sequence()).isEqualTo(300);
                assertThat(event.type()).isEqualTo("Typ");
                assertThat(event.contentType()).isEqualTo("text/plain");
                assertThat(event.dataText()).isEqualTo("häh");
                assertThat(StandardCharsets.UTF_8.decode(event.data()).toString()).isEqualTo("häh");
                assertThat(event.metadataText()).isEqualTo("{}");
                assertThat(event.tags()).isEqualTo(Map.of("a", "1", "b", ""));
                assertThat(event.created()).isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
                assertThat(event.schemaId()).isEqualTo(9);
                assertThat(event.partitionKey()).isEqualTo("key");
            }
        }

        @Test
        void hasDefaultsForWhatIsNotThere() {
            RecordedEvent event =
                    decoded(
                            io.ridgeline.api.v1.RecordedEvent.newBuilder()
                                    .setId(ID_BYTES)
                                    .setStream("s")
                                    .build());
            assertThat(event.version()).isZero();
            assertThat(event.partitionKey()).isEqualTo("s");
            assertThat(event.contentType()).isEmpty();
            assertThat(event.data().remaining()).isZero();
            assertThat(event.tags()).isEmpty();
            assertThat(event.created()).isEqualTo(Instant.EPOCH);
        }

        @Test
        void isAServerFaultIfItIsCutOffAnywhere() {
            byte[] bytes = message.toByteArray();
            int faults = 0;
            for (int length = 0; length < bytes.length; length++) {
                RecordedEvent event = new RecordedEvent(bytes, 0, length);
                try {
                    // A cut between two fields leaves a shorter event.
                    assertThat(event.sequence()).isIn(0L, 300L);
                } catch (ServerFaultException e) {
                    faults++;
                    assertThat(e.code()).isEqualTo(ErrorCode.UNRECOGNIZED);
                }
            }
            assertThat(faults).isGreaterThan(bytes.length / 2);
        }
    }

    @Nested
    class APosition {
        @Test
        void isReadBackAsItWasWritten() {
            Position position = Position.parse("0:0:-1,3:1:41,4294967295:0:9223372036854775807");
            assertThat(position.partitions()).hasSize(3);
            assertThat(Position.parse(position.toString())).isEqualTo(position);
            assertThat(Position.of(position.toMessage())).isEqualTo(position);
            assertThat(Position.parse("")).isEqualTo(Position.START);
        }

        @Test
        void isRefusedIfItIsSomethingElse() {
            for (String text : new String[] {"1", "1:2", "a:0:1", "1:0:1,", "1:0:x"}) {
                assertThatThrownBy(() -> Position.parse(text))
                        .as(text)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
