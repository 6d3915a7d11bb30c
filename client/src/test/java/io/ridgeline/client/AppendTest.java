package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResult;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One server in memory, one client.
class AppendTest {
    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    private RidgelineClient client = RidgelineClient.connect(server.address());

    @AfterEach
    void close() {
        server.release();
        client.close();
        server.close();
    }

    private void reconnect(RidgelineClient.Builder builder) {
        client.close();
        client = builder.servers(server.address()).build();
    }

    private static Optional<AppendResult> error(
            io.ridgeline.api.v1.ErrorCode code, Map<String, String> metadata) {
        return Optional.of(MemoryStore.error(code, "told to", metadata));
    }

    @Nested
    class ATransaction {
        @Test
        void saysWhereItsEventsAre() {
            client.append("a").event("T", "1").send();
            io.ridgeline.client.AppendResult result =
                    client.append("a").event("T", "2").event("T", "3").send();
            assertThat(result.partition()).isEqualTo(MemoryStore.partitionOf("a"));
            assertThat(result.firstSequence()).isEqualTo(1);
            assertThat(result.lastSequence()).isEqualTo(2);
            assertThat(result.lastVersion()).isEqualTo(2);
            assertThat(result.streams()).containsExactly(new StreamVersions("a", 1, 2));
            assertThat(result.eventIds()).hasSize(2).doesNotHaveDuplicates();
            assertThat(result.isDuplicate()).isFalse();
            assertThat(result.position().toString())
                    .isEqualTo(MemoryStore.partitionOf("a") + ":0:2");
        }

        @Test
        void sentAgainIsADuplicate() {
            Append append = client.append("a").event("T", "1");
            append.send();
            assertThat(append.send().isDuplicate()).isTrue();
            assertThat(store.size()).isEqualTo(1);
        }

        @Test
        void mayWriteToSeveralStreamsOfOneKey() {
            client.append("a").partitionKey("k").event("T", "1").stream("b").event("T", "2").send();
            assertThat(store.stream("k", "a")).hasSize(1);
            assertThat(store.stream("k", "b")).hasSize(1);
        }

        @Test
        void tellsOfAConflict() {
            client.append("a").event("T", "1").send();
            VersionConflictException conflict =
                    catchThrowableOfType(
                            VersionConflictException.class,
                            () ->
                                    client.append("a")
                                            .expect(Expect.noStream())
                                            .event("T", "2")
                                            .send());
            assertThat(conflict.code()).isEqualTo(ErrorCode.VERSION_CONFLICT);
            assertThat(conflict.outcome()).isEqualTo(Outcome.NOTHING_HAPPENED);
            assertThat(conflict.stream()).isEqualTo("a");
            assertThat(conflict.currentVersion()).isZero();
            assertThat(conflict.getStackTrace())
                    .as("shows who asked")
                    .anyMatch(it -> it.getClassName().contains("AppendTest"));
        }

        @Test
        void thatIsLargeTravelsAlone() {
            String large = "\"" + "x".repeat(2 * 1024 * 1024) + "\"";
            client.append("a").event("T", large).send();
            assertThat(server.unary()).hasSize(1);
            assertThat(server.messages()).isEmpty();
            assertThat(store.stream("", "a").get(0).getData().toStringUtf8()).isEqualTo(large);
            Append again = client.append("a").expect(Expect.noStream()).event("T", large);
            assertThatThrownBy(again::send).isInstanceOf(VersionConflictException.class);
        }

        @Test
        void mustNotBeAwaitedOnTheClientsOwnThread() {
            CompletableFuture<io.ridgeline.client.AppendResult> nested =
                    client.append("a")
                            .event("T", "1")
                            .sendAsync()
                            .thenApply(done -> client.append("a").event("T", "2").send());
            assertThatThrownBy(nested::join)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sendAsync");
        }

        @Test
        void failsOnceTheClientIsClosed() {
            client.close();
            RefusedException refused =
                    catchThrowableOfType(
                            RefusedException.class,
                            () -> client.append("a").event("T", "1").send());
            assertThat(refused.code()).isEqualTo(ErrorCode.CANCELLED);
        }
    }

    @Nested
    class Many {
        @Test
        void keepTheirOrderAndShareMessages() {
            server.hold();
            List<CompletableFuture<io.ridgeline.client.AppendResult>> results = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                results.add(client.append("a").event("T", Integer.toString(i)).sendAsync());
            }
            server.release();
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).join().lastVersion()).isEqualTo(i);
            }
            assertThat(store.stream("", "a").stream().map(it -> it.getData().toStringUtf8()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 5_000).mapToObj(Integer::toString).toList());
            assertThat(server.messages())
                    .as("5,000 appends")
                    .hasSizeLessThan(50)
                    .allMatch(it -> it.getAppendsCount() <= 1_000);
        }

        @Test
        void thatComeWhileMessagesAreUnansweredTravelTogether() {
            client.append("a").event("T", "0").send();
            server.hold();
            List<CompletableFuture<?>> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int before = server.messages().size();
                results.add(client.append("a").event("T", "1").sendAsync());
                await().until(() -> server.messages().size() == before + 1);
            }
            int before = server.messages().size();
            for (int i = 0; i < 100; i++) {
                results.add(client.append("a").event("T", "2").sendAsync());
            }
            server.release();
            results.forEach(CompletableFuture::join);
            assertThat(server.messages().subList(before, server.messages().size()))
                    .extracting(AppendStreamRequest::getAppendsCount)
                    .containsExactly(100);
        }

        @Test
        void areBoundedInBytesOfAMessage() {
            String kilobytes = "\"" + "x".repeat(100_000) + "\"";
            server.hold();
            List<CompletableFuture<?>> results = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                results.add(client.append("a").event("T", kilobytes).sendAsync());
            }
            server.release();
            results.forEach(CompletableFuture::join);
            assertThat(server.messages()).allMatch(it -> it.getSerializedSize() <= 256 * 1024);
        }

        @Test
        void beyondTheBoundFailAtOnceWithNothingDone() throws Exception {
            reconnect(RidgelineClient.builder().inFlightCountMax(10));
            server.hold();
            List<CompletableFuture<?>> results = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                results.add(client.append("a").event("T", "1").sendAsync());
            }
            CompletableFuture<?> one = client.append("a").event("T", "too many").sendAsync();
            assertThat(one).isCompletedExceptionally();
            assertThatThrownBy(one::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .extracting(it -> ((RidgelineException) it).code())
                    .isEqualTo(ErrorCode.OVERLOADED);
            server.release();
            CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                    .get(10, TimeUnit.SECONDS);
            client.append("a").event("T", "room again").send();
            assertThat(store.size()).isEqualTo(11);
        }

        @Test
        void fromManyThreadsEachTakeEffectOnce() {
            IntStream.range(0, 4_000)
                    .parallel()
                    .forEach(i -> client.append("s" + i % 7).event("T", "" + i).send());
            assertThat(store.size()).isEqualTo(4_000);
        }
    }

    @Nested
    class ALostAnswer {
        @Test
        void isAskedForAgainWithTheSameIds() {
            server.loseAnswers(1);
            io.ridgeline.client.AppendResult result = client.append("a").event("T", "1").send();
            assertThat(result.isDuplicate()).isTrue();
            assertThat(store.size()).isEqualTo(1);
            assertThat(server.messages()).hasSize(2);
            assertThat(server.messages().get(0)).isEqualTo(server.messages().get(1));
        }

        @Test
        void keepsTheOrderOfWhatWasUnderWay() {
            server.hold();
            server.loseAnswers(1);
            List<CompletableFuture<?>> results = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                results.add(client.append("a").event("T", Integer.toString(i)).sendAsync());
            }
            server.release();
            results.forEach(CompletableFuture::join);
            assertThat(store.stream("", "a").stream().map(it -> it.getData().toStringUtf8()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 300).mapToObj(Integer::toString).toList());
        }

        @Test
        void thatCannotBeFoundAgainLeavesTheOutcomeUnknown() {
            reconnect(RidgelineClient.builder().timeout(Duration.ofMillis(400)));
            server.hold();
            CompletableFuture<?> result = client.append("a").event("T", "1").sendAsync();
            await().until(() -> server.messages().size() == 1);
            server.stop();
            IndeterminateException failed =
                    catchThrowableOfType(
                            IndeterminateException.class,
                            () ->
                                    Failure.await(
                                            result,
                                            ErrorCode.INDETERMINATE,
                                            Outcome.UNKNOWN,
                                            "interrupted"));
            assertThat(failed.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(store.size()).isEqualTo(1);
        }

        @Test
        void isFoundAfterTheServerCameBack() {
            server.hold();
            CompletableFuture<io.ridgeline.client.AppendResult> result =
                    client.append("a").event("T", "1").sendAsync();
            await().until(() -> server.messages().size() == 1);
            server.stop();
            server.release();
            server.restart();
            assertThat(result.join().isDuplicate()).isTrue();
            assertThat(store.size()).isEqualTo(1);
        }

        @Test
        void followedByAConflictThatCanGoAwayLeavesTheOutcomeUnknown() {
            assertThat(conflictAfterUnknown(Expect.version(5)).outcome())
                    .as("the stream may yet reach version 5, and a late copy succeed")
                    .isEqualTo(Outcome.UNKNOWN);
            assertThat(conflictAfterUnknown(Expect.streamExists()).outcome())
                    .isEqualTo(Outcome.UNKNOWN);
        }

        @Test
        void followedByAConflictThatStaysMeansThatNothingHappened() {
            store.append(
                    AppendRequest.newBuilder()
                            .addEvents(
                                    io.ridgeline.api.v1.NewEvent.newBuilder()
                                            .setStream("a")
                                            .setType("T")
                                            .setId(
                                                    com.google.protobuf.ByteString.copyFrom(
                                                            new byte[16])))
                            .build());
            assertThat(conflictAfterUnknown(Expect.noStream()).outcome())
                    .isEqualTo(Outcome.NOTHING_HAPPENED);
        }

        private VersionConflictException conflictAfterUnknown(Expect expect) {
            AtomicInteger calls = new AtomicInteger();
            server.refuse(request ->
                    calls.getAndIncrement() == 0
                            ? error(io.ridgeline.api.v1.ErrorCode.INDETERMINATE, Map.of())
                            : Optional.empty());
            return catchThrowableOfType(
                    VersionConflictException.class,
                    () -> client.append("a").expect(expect).event("T", "1").send());
        }
    }

    @Nested
    class ARefusal {
        @ParameterizedTest
        @EnumSource(
                value = io.ridgeline.api.v1.ErrorCode.class,
                names = {
                    "OVERLOADED",
                    "QUORUM_UNAVAILABLE",
                    "NOT_READY",
                    "CIRCUIT_OPEN",
                    "NOT_COORDINATOR",
                    "INDETERMINATE",
                    "TIMEOUT"
                })
        void thatMayPassIsRepeated(io.ridgeline.api.v1.ErrorCode code) {
            AtomicInteger calls = new AtomicInteger();
            server.refuse(request ->
                    calls.getAndIncrement() < 3
                            ? error(code, Map.of("retry_after_millis", "1"))
                            : Optional.empty());
            client.append("a").event("T", "1").send();
            assertThat(calls).hasValue(4);
            assertThat(store.size()).isEqualTo(1);
        }

        @ParameterizedTest
        @EnumSource(
                value = io.ridgeline.api.v1.ErrorCode.class,
                names = {
                    "VERSION_CONFLICT",
                    "EVENT_ID_CONFLICT",
                    "INVALID_REQUEST",
                    "TOO_LARGE",
                    "STORAGE_FULL",
                    "DAMAGED",
                    "INTERNAL"
                })
        void thatStaysIsNot(io.ridgeline.api.v1.ErrorCode code) {
            AtomicInteger calls = new AtomicInteger();
            server.refuse(request -> {
                calls.incrementAndGet();
                return error(code, Map.of("limit", "7"));
            });
            RidgelineException failed =
                    catchThrowableOfType(
                            RidgelineException.class,
                            () -> client.append("a").event("T", "1").send());
            assertThat(failed.code().name()).isEqualTo(code.name());
            assertThat(failed.details()).containsEntry("limit", "7");
            assertThat(failed).hasMessage("told to");
            assertThat(failed.outcome())
                    .isEqualTo(
                            code == io.ridgeline.api.v1.ErrorCode.INTERNAL
                                    ? Outcome.UNKNOWN
                                    : Outcome.NOTHING_HAPPENED);
            assertThat(calls).hasValue(1);
        }

        @Test
        void thatLastsUntilTheDeadlineIsTheReason() {
            server.refuse(
                    request -> error(io.ridgeline.api.v1.ErrorCode.QUORUM_UNAVAILABLE, Map.of()));
            RefusedException refused =
                    catchThrowableOfType(
                            RefusedException.class,
                            () ->
                                    client.append("a")
                                            .event("T", "1")
                                            .timeout(Duration.ofMillis(200))
                                            .send());
            assertThat(refused.code()).isEqualTo(ErrorCode.QUORUM_UNAVAILABLE);
            assertThat(refused.outcome()).isEqualTo(Outcome.NOTHING_HAPPENED);
        }
    }

    @Nested
    class WithoutAServer {
        @Test
        void nothingHappenedAndItSaysWhere() {
            server.stop();
            reconnect(RidgelineClient.builder().failFast());
            RefusedException refused =
                    catchThrowableOfType(
                            RefusedException.class,
                            () -> client.append("a").event("T", "1").send());
            assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(refused.outcome()).isEqualTo(Outcome.NOTHING_HAPPENED);
            assertThat(refused).hasMessageContaining("cannot reach " + server.address());
        }

        @Test
        void anAppendWaitsForOneToCome() {
            server.stop();
            CompletableFuture<?> result = client.append("a").event("T", "1").sendAsync();
            server.restart();
            result.join();
            assertThat(store.size()).isEqualTo(1);
        }
    }
}
