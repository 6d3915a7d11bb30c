package io.ridgeline.runtime.remote;

import static io.smallrye.faulttolerance.api.CircuitBreakerState.CLOSED;
import static io.smallrye.faulttolerance.api.CircuitBreakerState.HALF_OPEN;
import static io.smallrye.faulttolerance.api.CircuitBreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.Expectation;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.remote.Target.Kind;
import io.ridgeline.runtime.remote.Target.Outcome;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests to node `b`, whose circuits open once two of the last four were not answered.
class TargetTest {
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final PartitionId P = new PartitionId(7);
    private static final PartitionId Q = new PartitionId(8);
    private static final long PATIENT = TimeUnit.SECONDS.toNanos(2);
    private static final AppendResult TIMED_OUT = new Indeterminate(P, Cause.TIMEOUT);
    private static final AppendResult CONFLICT =
            new AppendResult.VersionConflict(
                    P, new StreamKey("s", "s"), new Expectation.NoStream(), 3);

    private static Targets targets(Duration circuitDelay) {
        return targets(circuitDelay, Duration.ofHours(1));
    }

    private static Targets targets(Duration circuitDelay, Duration boundTimeout) {
        return new Targets(
                new RemoteSettings(
                        Duration.ofSeconds(2),
                        boundTimeout,
                        3,
                        2,
                        Duration.ofMillis(10),
                        4,
                        0.5,
                        circuitDelay,
                        1));
    }

    private static @Nullable Refusal begin(Forward forward) {
        return forward.begin(node -> node + ".example.org:8080");
    }

    private static Refusal refused(Forward forward) {
        Refusal refusal = begin(forward);
        if (refusal == null) {
            throw new AssertionError("was let through");
        }
        return refusal;
    }

    private static void append(Targets targets, AppendResult result) {
        Forward forward = targets.forward(P, B, PATIENT);
        assertThat(begin(forward)).isNull();
        forward.end(result);
    }

    private static void appends(Targets targets, AppendResult... results) {
        List.of(results).forEach(result -> append(targets, result));
    }

    @Nested
    class ANodeThatDoesNotAnswer {
        private final Targets targets = targets(Duration.ofHours(1));

        @Test
        void isNotAskedAnyMoreOnceTooManyOfTheLastAppendsTimedOut() {
            appends(targets, CONFLICT, CONFLICT, TIMED_OUT);
            assertThat(targets.of(B).circuits(CLOSED)).isEqualTo(1);
            append(targets, TIMED_OUT);

            Refusal refusal = refused(targets.forward(P, B, PATIENT));
            assertThat(refusal.code()).isEqualTo(ErrorCode.CIRCUIT_OPEN);
            assertThat(refusal.message())
                    .contains("node b", "partition 7", "nothing was written", "try again");
            assertThat(refusal.metadata())
                    .containsEntry("coordinator", "b")
                    .containsEntry("coordinator_address", "b.example.org:8080")
                    .containsEntry("partition", "7")
                    .containsEntry("retry_after_millis", "200");
            assertThat(targets.of(B).circuits(OPEN)).isEqualTo(1);
        }

        @Test
        void isNotAskedForBoundsEither() {
            appends(targets, TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);

            CompletionStage<Object> asked =
                    targets.of(B)
                            .ask(
                                    P,
                                    () -> {
                                        throw new AssertionError("was asked");
                                    });
            assertThat(failure(asked)).isInstanceOf(CircuitBreakerOpenException.class);
        }

        @Test
        void isAskedForOtherPartitionsAndOthersAreAskedForThisOne() {
            appends(targets, TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);

            assertThat(begin(targets.forward(Q, B, PATIENT))).isNull();
            assertThat(begin(targets.forward(P, C, PATIENT))).isNull();
            assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();
        }

        @Test
        void isFoundOutByLostConnectionsToo() {
            AppendResult lost = new Indeterminate(P, Cause.CONNECTION_LOST);
            AppendResult notReached = new AppendResult.NotCoordinator(P, B, 0, List.of());
            appends(targets, lost, lost, notReached, notReached);

            assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();
        }

        @Test
        void isNotJudgedByCallersWithLessPatienceThanIsConfigured() {
            for (int i = 0; i < 20; i++) {
                Forward hasty = targets.forward(P, B, PATIENT - 1);
                assertThat(begin(hasty)).isNull();
                hasty.end(TIMED_OUT);
            }
            assertThat(targets.of(B).circuits(CLOSED)).isEqualTo(1);

            appends(targets, TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);
            assertThat(begin(targets.forward(P, B, PATIENT - 1))).isNotNull();
        }
    }

    @Nested
    class AfterItsDelay {
        private final Targets targets = targets(Duration.ofMillis(50));

        private void awaitHalfOpen() {
            Awaitility.await("half open")
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> targets.of(B).circuits(HALF_OPEN) == 1);
        }

        @Test
        void anAnswerToTheOneThatIsLetThroughClosesTheCircuit() {
            appends(targets, TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);
            assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();
            awaitHalfOpen();

            Forward probe = targets.forward(P, B, PATIENT);
            assertThat(begin(probe)).isNull();
            assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();
            probe.end(CONFLICT);

            assertThat(targets.of(B).circuits(CLOSED)).isEqualTo(1);
            append(targets, CONFLICT);
        }

        @Test
        void noAnswerOpensItAgain() {
            appends(targets, TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT);
            awaitHalfOpen();

            append(targets, TIMED_OUT);
            assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();
            awaitHalfOpen();
            append(targets, CONFLICT);
            append(targets, CONFLICT);
        }
    }

    static List<AppendResult> answers() {
        List<AppendResult> all = new ArrayList<>();
        all.add(CONFLICT);
        all.add(new AppendResult.NotCoordinator(P, C, 4, List.of()));
        all.add(new AppendResult.NotCoordinator(P, null, 4, List.of()));
        all.add(new AppendResult.QuorumUnavailable(P, 2, 1));
        all.add(new AppendResult.Overloaded(P, "waitingMax", 1));
        all.add(new AppendResult.StorageFull(P));
        all.add(new AppendResult.Stopping(P));
        all.add(new AppendResult.Discarded(P));
        all.add(new Indeterminate(P, Cause.DEPOSED));
        return all;
    }

    @ParameterizedTest
    @MethodSource("answers")
    void whateverTheNodeSaysIsAnAnswer(AppendResult answer) {
        Targets targets = targets(Duration.ofHours(1));
        for (int i = 0; i < 20; i++) {
            append(targets, answer);
        }

        assertThat(targets.of(B).circuits(CLOSED)).isEqualTo(1);
        assertThat(targets.of(B).count(Kind.APPEND, Outcome.ANSWERED)).isEqualTo(20);
    }

    @Test
    void noMoreAppendsThanTheLimitAreUnderWayWhateverTheirPartition() {
        Targets targets = targets(Duration.ofHours(1));
        Forward first = targets.forward(P, B, PATIENT);
        assertThat(begin(first)).isNull();
        assertThat(begin(targets.forward(P, B, 1))).isNull();
        assertThat(begin(targets.forward(Q, B, PATIENT))).isNull();

        Refusal refusal = refused(targets.forward(P, B, PATIENT));
        assertThat(refusal.code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(refusal.metadata())
                .containsEntry("limit", "ridgeline.fault-tolerance.appends")
                .containsKey("retry_after_millis");
        assertThat(begin(targets.forward(P, C, PATIENT))).isNull();
        assertThat(targets.of(B).pendingAppends()).isEqualTo(3);

        first.end(CONFLICT);
        append(targets, CONFLICT);
        assertThat(targets.of(B).pendingAppends()).isEqualTo(2);
    }

    @Test
    void aQuestionThatIsNotAnsweredTimesOutAndOpensTheCircuit() {
        Target b = targets(Duration.ofHours(1), Duration.ofMillis(30)).of(B);
        for (int i = 0; i < 4; i++) {
            assertThat(failure(b.ask(P, CompletableFuture::new)))
                    .isInstanceOf(TimeoutException.class);
        }

        assertThat(failure(b.ask(P, () -> CompletableFuture.completedStage("said"))))
                .isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(b.circuits(OPEN)).isEqualTo(1);
        assertThat(b.count(Kind.BOUND, Outcome.FAILED)).isEqualTo(4);
    }

    @Test
    void questionsBeyondTheLimitWaitAndBeyondTwiceTheLimitAreRefused() {
        Target b = targets(Duration.ofHours(1)).of(B);
        List<CompletableFuture<String>> asked = new ArrayList<>();
        List<CompletionStage<String>> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(
                    b.ask(
                            new PartitionId(answers.size()),
                            () -> {
                                asked.add(new CompletableFuture<>());
                                return asked.getLast();
                            }));
        }
        assertThat(asked).hasSize(2);
        assertThat(failure(b.ask(P, CompletableFuture::new))).isInstanceOf(BulkheadException.class);

        asked.getFirst().complete("first");
        assertThat(answers.getFirst()).isCompletedWithValue("first");
        assertThat(asked).hasSize(3);
        assertThat(b.count(Kind.BOUND, Outcome.ANSWERED)).isEqualTo(1);
        assertThat(b.count(Kind.BOUND, Outcome.OVERLOADED)).isEqualTo(1);
    }

    @Test
    void requestsAreLetThroughAndAskedAtOnceOnThreadsOfTheServerToo() {
        Targets targets = targets(Duration.ofHours(1));
        Vertx vertx = Vertx.vertx();
        try {
            CompletableFuture<List<String>> done = new CompletableFuture<>();
            vertx.getOrCreateContext()
                    .runOnContext(_ -> {
                        List<String> steps = new ArrayList<>();
                        appends(targets, CONFLICT, CONFLICT, CONFLICT, TIMED_OUT, TIMED_OUT);
                        steps.add(refused(targets.forward(P, B, PATIENT)).code().name());
                        CompletionStage<String> _ =
                                targets.of(B)
                                        .ask(
                                                Q,
                                                () -> {
                                                    steps.add("asked");
                                                    return CompletableFuture.completedStage("");
                                                })
                                        .whenComplete((_, _) -> steps.add("answered"));
                        done.complete(steps);
                    });
            assertThat(done)
                    .succeedsWithin(Duration.ofSeconds(30))
                    .isEqualTo(List.of("CIRCUIT_OPEN", "asked", "answered"));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void whatBecomesOfRequestsIsCounted() {
        Targets targets = targets(Duration.ofHours(1));
        List<Target> seen = new ArrayList<>();
        targets.onNew(seen::add);
        appends(targets, CONFLICT, TIMED_OUT, TIMED_OUT, TIMED_OUT);
        assertThat(begin(targets.forward(P, B, PATIENT))).isNotNull();

        assertThat(seen).containsExactly(targets.of(B));
        Target b = seen.getFirst();
        assertThat(b.count(Kind.APPEND, Outcome.ANSWERED)).isEqualTo(1);
        assertThat(b.count(Kind.APPEND, Outcome.FAILED)).isEqualTo(3);
        assertThat(b.count(Kind.APPEND, Outcome.CIRCUIT_OPEN)).isEqualTo(1);
        assertThat(b.count(Kind.APPEND, Outcome.OVERLOADED)).isZero();
        assertThat(b.count(Kind.BOUND, Outcome.ANSWERED)).isZero();
        assertThat(b.pendingAppends()).isZero();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
            throw new AssertionError("answered: " + value);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no end", e);
        }
    }
}
