package io.ridgeline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.ridgeline.api.v1.AppendCondition;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.AppendStreamResponse;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestNode.class)
class AppendApiTest {
    private final String stream = "s-" + UUID.randomUUID();
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

    private List<RecordedEvent> read() {
        List<RecordedEvent> events = new ArrayList<>();
        store.readStream(ReadStreamRequest.newBuilder().setStream(stream).build())
                .forEachRemaining(response -> events.addAll(response.getEventsList()));
        return events;
    }

    private ErrorInfo refused(AppendRequest request, Status.Code code) {
        StatusRuntimeException e =
                catchThrowableOfType(StatusRuntimeException.class, () -> store.append(request));
        assertThat(e).isNotNull();
        assertThat(e.getStatus().getCode()).isEqualTo(code);
        ErrorInfo info = Requests.errorInfo(e);
        assertThat(info.getDomain()).isEqualTo("ridgeline");
        return info;
    }

    @Test
    void givesVersionsAndSequencesWithoutGaps() {
        AppendResponse first = store.append(Requests.append(stream));
        AppendResponse second =
                store.append(
                        AppendRequest.newBuilder()
                                .addEvents(Requests.event(stream, UUID.randomUUID(), "1"))
                                .addEvents(Requests.event(stream, UUID.randomUUID(), "2"))
                                .build());
        assertThat(first.getStreams(0).getFirstVersion()).isZero();
        assertThat(second.getStreams(0).getFirstVersion()).isEqualTo(1);
        assertThat(second.getStreams(0).getLastVersion()).isEqualTo(2);
        assertThat(second.getPosition().getSequence()).isEqualTo(second.getFirstSequence() + 1);
        assertThat(read()).extracting(RecordedEvent::getVersion).containsExactly(0L, 1L, 2L);
    }

    @Test
    void keepsEverythingOfAnEvent() {
        UUID id = UUID.randomUUID();
        store.append(
                Requests.append(
                        Requests.event(stream, id, "data")
                                .setContentType("text/plain")
                                .setMetadata(ByteString.copyFromUtf8("{\"by\":\"ü\"}"))
                                .addTags(Tag.newBuilder().setKey("z").setValue("1"))
                                .addTags(Tag.newBuilder().setKey("a").setValue("2"))
                                .setCreatedMicros(1_234_567)
                                .setSchemaId(7)));
        RecordedEvent event = read().getFirst();
        assertThat(event.getId()).isEqualTo(Requests.bytes(id));
        assertThat(event.getContentType()).isEqualTo("text/plain");
        assertThat(event.getMetadata().toStringUtf8()).isEqualTo("{\"by\":\"ü\"}");
        assertThat(event.getTagsList()).extracting(Tag::getKey).containsExactly("a", "z");
        assertThat(event.getCreatedMicros()).isEqualTo(1_234_567);
        assertThat(event.getSchemaId()).isEqualTo(7);
        assertThat(event.getPartitionKey()).isEmpty();
    }

    @Test
    void aRepeatIsADuplicateAndChangesNothing() {
        AppendRequest request = Requests.append(stream);
        AppendResponse first = store.append(request);
        AppendResponse second = store.append(request);
        assertThat(second.getDuplicate()).isTrue();
        assertThat(second.getFirstSequence()).isEqualTo(first.getFirstSequence());
        assertThat(read()).hasSize(1);
    }

    @Test
    void theSameIdWithOtherContentIsAConflict() {
        UUID id = UUID.randomUUID();
        store.append(Requests.append(Requests.event(stream, id, "one")));
        ErrorInfo info =
                refused(
                        Requests.append(Requests.event(stream, id, "two")),
                        Status.Code.ALREADY_EXISTS);
        assertThat(info.getReason()).isEqualTo(ErrorCode.EVENT_ID_CONFLICT.name());
        assertThat(info.getMetadataMap()).containsEntry("id", id.toString());
    }

    @Test
    void aConditionThatDoesNotHoldIsAConflictThatSaysWhatIsThere() {
        store.append(Requests.append(stream));
        AppendRequest request =
                Requests.append(stream).toBuilder()
                        .addConditions(Requests.noStream(stream))
                        .build();
        ErrorInfo info = refused(request, Status.Code.FAILED_PRECONDITION);
        assertThat(info.getReason()).isEqualTo(ErrorCode.VERSION_CONFLICT.name());
        assertThat(info.getMetadataMap())
                .containsEntry("stream", stream)
                .containsEntry("current_version", "0")
                .containsEntry("expected", "none");
        assertThat(read()).hasSize(1);
    }

    @Nested
    class ARequestThatCanNeverBeAccepted {
        private void invalid(AppendRequest request, String field) {
            ErrorInfo info = refused(request, Status.Code.INVALID_ARGUMENT);
            assertThat(info.getReason()).isEqualTo(ErrorCode.INVALID_REQUEST.name());
            assertThat(info.getMetadataMap()).containsEntry("field", field);
        }

        private void tooLarge(AppendRequest request, String limit) {
            ErrorInfo info = refused(request, Status.Code.INVALID_ARGUMENT);
            assertThat(info.getReason()).isEqualTo(ErrorCode.TOO_LARGE.name());
            assertThat(info.getMetadataMap()).containsEntry("limit", limit);
        }

        private NewEvent.Builder event() {
            return Requests.event(stream, UUID.randomUUID(), "x");
        }

        @Test
        void hasNoEvents() {
            invalid(AppendRequest.getDefaultInstance(), "events");
        }

        @Test
        void hasAnIdThatIsNoUuid() {
            invalid(Requests.append(event().setId(ByteString.copyFromUtf8("short"))), "events.id");
        }

        @Test
        void hasNoStreamOrType() {
            invalid(Requests.append(event().setStream("")), "events.stream");
            invalid(Requests.append(event().setType("")), "events.type");
        }

        @Test
        void usesTheSystemsNames() {
            invalid(Requests.append(event().setStream("$all")), "events.stream");
            invalid(Requests.append(event().setType("$x")), "events.type");
            invalid(
                    Requests.append(event().addTags(Tag.newBuilder().setKey("$t"))),
                    "events.tags.key");
        }

        @Test
        void hasControlCharacters() {
            invalid(Requests.append(event().setStream("a\nb")), "events.stream");
            invalid(Requests.append(event().setType("a\u0085")), "events.type");
        }

        @Test
        void hasInvalidUtf8() {
            AppendRequest request =
                    AppendRequest.newBuilder()
                            .setUnknownFields(
                                    UnknownFieldSet.newBuilder()
                                            .addField(
                                                    3,
                                                    UnknownFieldSet.Field.newBuilder()
                                                            .addLengthDelimited(badEvent())
                                                            .build())
                                            .build())
                            .build();
            invalid(request, "events.stream");
        }

        private ByteString badEvent() {
            return event().clearStream()
                    .build()
                    .toByteString()
                    .concat(ByteString.copyFrom(new byte[] {0x12, 2, (byte) 0xC3, 0x28}));
        }

        @Test
        void namesATagTwice() {
            invalid(
                    Requests.append(
                            event().addTags(Tag.newBuilder().setKey("k"))
                                    .addTags(Tag.newBuilder().setKey("k"))),
                    "events.tags.key");
        }

        @Test
        void hasStreamsWithoutACommonKey() {
            invalid(
                    AppendRequest.newBuilder()
                            .addEvents(event())
                            .addEvents(event().setStream(stream + "-other"))
                            .build(),
                    "partition_key");
        }

        @Test
        void hasAConditionOfALaterVersion() {
            AppendCondition later =
                    AppendCondition.newBuilder()
                            .setUnknownFields(
                                    UnknownFieldSet.newBuilder()
                                            .addField(
                                                    9,
                                                    UnknownFieldSet.Field.newBuilder()
                                                            .addVarint(1)
                                                            .build())
                                            .build())
                            .build();
            invalid(Requests.append(stream).toBuilder().addConditions(later).build(), "conditions");
            assertThat(read()).isEmpty();
        }

        @Test
        void takesTooLong() {
            invalid(
                    Requests.append(stream).toBuilder().setTimeoutMillis(3_600_000).build(),
                    "timeout_millis");
        }

        @Test
        void isBeyondALimit() {
            tooLarge(
                    Requests.append(Requests.event(stream, UUID.randomUUID(), "x".repeat(4_097))),
                    "ridgeline.limits.event-bytes");
            tooLarge(
                    Requests.append(event().setStream("n".repeat(513))),
                    "ridgeline.limits.name-bytes");
            AppendRequest.Builder many = AppendRequest.newBuilder();
            for (int i = 0; i < 21; i++) {
                many.addEvents(event());
            }
            tooLarge(many.build(), "ridgeline.limits.transaction-events");
            AppendRequest.Builder big = AppendRequest.newBuilder();
            for (int i = 0; i < 5; i++) {
                big.addEvents(Requests.event(stream, UUID.randomUUID(), "x".repeat(4_000)));
            }
            tooLarge(big.build(), "ridgeline.limits.transaction-bytes");
        }

        @Test
        void isLargerThanAnyMessage() {
            AppendRequest request =
                    Requests.append(Requests.event(stream, UUID.randomUUID(), "x".repeat(200_000)));
            StatusRuntimeException e =
                    catchThrowableOfType(StatusRuntimeException.class, () -> store.append(request));
            assertThat(e).isNotNull();
            assertThat(store.append(Requests.append(stream)).getDuplicate()).isFalse();
        }
    }

    @Nested
    class AStreamOfAppends {
        private final BlockingQueue<AppendStreamResponse> answers = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

        private StreamObserver<AppendStreamRequest> open() {
            return EventStoreGrpc.newStub(channel)
                    .appendStream(
                            new StreamObserver<>() {
                                @Override
                                public void onNext(AppendStreamResponse response) {
                                    answers.add(response);
                                }

                                @Override
                                public void onError(Throwable e) {
                                    ends.add(Status.fromThrowable(e));
                                }

                                @Override
                                public void onCompleted() {
                                    ends.add(Status.OK);
                                }
                            });
        }

        private List<AppendResult> take(int count) throws InterruptedException {
            List<AppendResult> results = new ArrayList<>();
            while (results.size() < count) {
                AppendStreamResponse response = answers.poll(20, TimeUnit.SECONDS);
                assertThat(response).as("answer %d of %d", results.size(), count).isNotNull();
                results.addAll(response.getResultsList());
            }
            return results;
        }

        @Test
        void isAnsweredInOrderWhateverTheAnswers() throws InterruptedException {
            StreamObserver<AppendStreamRequest> requests = open();
            AppendStreamRequest.Builder message = AppendStreamRequest.newBuilder();
            for (int i = 0; i < 300; i++) {
                // Several partitions, refusals and conflicts in between.
                String name = stream + "-" + i % 7;
                AppendRequest.Builder append = Requests.append(name).toBuilder();
                if (i % 10 == 3) {
                    append.setEvents(0, append.getEvents(0).toBuilder().setType(""));
                } else if (i % 10 == 5) {
                    append.addConditions(Requests.exactly(name, 1_000));
                }
                message.addAppends(append);
                if (i % 50 == 49) {
                    requests.onNext(message.build());
                    message.clear();
                }
            }
            requests.onCompleted();
            List<AppendResult> results = take(300);
            for (int i = 0; i < 300; i++) {
                ErrorCode expected =
                        i % 10 == 3
                                ? ErrorCode.INVALID_REQUEST
                                : i % 10 == 5
                                        ? ErrorCode.VERSION_CONFLICT
                                        : ErrorCode.ERROR_CODE_UNSPECIFIED;
                assertThat(results.get(i).getError().getCode()).as("%d", i).isEqualTo(expected);
                if (results.get(i).hasAppended()) {
                    assertThat(results.get(i).getAppended().getStreams(0).getStream())
                            .isEqualTo(stream + "-" + i % 7);
                }
            }
            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        }

        @Test
        void answersWhatCameBeforeItsCallerEnds() throws InterruptedException {
            StreamObserver<AppendStreamRequest> requests = open();
            requests.onNext(
                    AppendStreamRequest.newBuilder().addAppends(Requests.append(stream)).build());
            requests.onCompleted();
            assertThat(take(1).getFirst().hasAppended()).isTrue();
            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        }

        @Test
        void endsWithAMessageThatHoldsNothing() throws InterruptedException {
            StreamObserver<AppendStreamRequest> requests = open();
            requests.onNext(AppendStreamRequest.getDefaultInstance());
            Status end = ends.poll(20, TimeUnit.SECONDS);
            assertThat(end).isNotNull();
            assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }
}
