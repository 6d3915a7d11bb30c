package io.ridgeline.runtime.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.engine.Protocol;
import io.ridgeline.engine.ReadIndexRequest.Level;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.message.FrameWriter;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Heartbeat;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.remote.NoAnswerException;
import io.ridgeline.runtime.remote.RemoteSettings;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.QuietLoop;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Bounds of a partition that nodes `b` and `c` hold, asked for at node `a`. Neither answers but as
/// the test says.
class BoundsTest {
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final PartitionId P = new PartitionId(7);
    private static final int QUESTIONS_MAX = 2;
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final ReadIndexResult NO_QUORUM = new ReadIndexResult.QuorumUnavailable(P, 2, 1);

    private final Targets targets =
            new Targets(
                    new RemoteSettings(
                            LONG,
                            LONG,
                            10,
                            QUESTIONS_MAX,
                            Duration.ofMillis(5),
                            4,
                            1,
                            Duration.ofHours(1),
                            1));
    private final List<NodeId> asked = new CopyOnWriteArrayList<>();
    private volatile Bounds.Remote remote = (_, _, _) -> new CompletableFuture<>();
    private final Bounds bounds =
            new Bounds(
                    targets,
                    (to, partition, deadlineNanos) -> {
                        asked.add(to);
                        return remote.ask(to, partition, deadlineNanos);
                    },
                    node -> node + ".example.org:8080",
                    LONG);
    private final ShardLoop loop = QuietLoop.of(new TreeMap<>(Map.of(P, List.of(B, C))));
    private final Partition partition = loop.elsewhere(P, List.of(B, C));

    @BeforeEach
    void start() {
        loop.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        bounds.stop();
        QuietLoop.stop(loop);
    }

    /// A node says that it coordinates the partition.
    private void coordinates(NodeId node, long epoch) {
        FrameWriter frame = new FrameWriter(QuietLoop.CLUSTER, 0, 5, 64);
        DigestEntry claim =
                new DigestEntry(
                        P, 0, epoch, Phase.COORDINATING, LogPosition.NONE, LogPosition.NONE);
        frame.add(new Heartbeat(epoch, 0, 0, Protocol.VERSIONS, 0, true, List.of(claim)));
        ByteBuffer bytes = frame.finish();
        loop.submit((shard, nowNanos) -> shard.onMessage(node, bytes, nowNanos));
    }

    private CompletableFuture<Bound> ask(Level level, Duration patience) {
        CompletableFuture<Bound> reply = new CompletableFuture<>();
        bounds.ask(partition, level, System.nanoTime() + patience.toNanos(), reply::complete);
        return reply;
    }

    private CompletableFuture<Bound> ask(Duration patience) {
        return ask(new Level.Linearizable(), patience);
    }

    private static Refusal refusal(CompletableFuture<Bound> reply) {
        Bound bound = reply.orTimeout(10, TimeUnit.SECONDS).join();
        if (bound instanceof Bound.Refused(Refusal refusal)) {
            return refusal;
        }
        throw new AssertionError(bound);
    }

    private void awaitQuestions(int count) {
        Awaitility.await().until(() -> asked.size() >= count);
    }

    private static CompletionStage<ReadIndexResult> noAnswer(NodeId node) {
        return CompletableFuture.failedStage(new NoAnswerException(node));
    }

    private static CompletionStage<ReadIndexResult> answer(ReadIndexResult result) {
        return CompletableFuture.completedStage(result);
    }

    @Test
    void asksTheCoordinatorAndSaysWhatItSays() {
        coordinates(B, 3);
        remote = (_, _, _) -> answer(NO_QUORUM);

        assertThat(refusal(ask(LONG)).code()).isEqualTo(ErrorCode.QUORUM_UNAVAILABLE);
        assertThat(asked).containsExactly(B);
    }

    @Test
    void waitsUntilSomebodyCoordinates() {
        remote = (_, _, _) -> answer(NO_QUORUM);
        CompletableFuture<Bound> reply = ask(LONG);
        Awaitility.await().during(Duration.ofMillis(50)).until(() -> !reply.isDone());

        coordinates(C, 3);

        assertThat(refusal(reply).code()).isEqualTo(ErrorCode.QUORUM_UNAVAILABLE);
        assertThat(asked).containsExactly(C);
    }

    @Test
    void asksAgainWhoDoesNotAnswer() {
        coordinates(B, 3);
        AtomicInteger questions = new AtomicInteger();
        remote = (to, _, _) -> questions.incrementAndGet() < 3 ? noAnswer(to) : answer(NO_QUORUM);

        assertThat(refusal(ask(LONG)).code()).isEqualTo(ErrorCode.QUORUM_UNAVAILABLE);
        assertThat(asked).containsExactly(B, B, B);
    }

    @Test
    void asksWhoeverCoordinatesByThen() {
        coordinates(B, 3);
        remote =
                (to, _, _) -> {
                    if (to.equals(C)) {
                        return answer(NO_QUORUM);
                    }
                    coordinates(C, 4);
                    return answer(new ReadIndexResult.NotCoordinator(P, C, 4));
                };

        assertThat(refusal(ask(LONG)).code()).isEqualTo(ErrorCode.QUORUM_UNAVAILABLE);
        assertThat(asked).startsWith(B).endsWith(C);
    }

    @Test
    void saysThatNobodyCoordinatesOnceTheReadersTimeIsOver() {
        assertThat(refusal(ask(Duration.ofMillis(60))).code()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(asked).isEmpty();
    }

    @Test
    void saysThatTheCoordinatorDoesNotAnswerOnceTheReadersTimeIsOver() {
        coordinates(B, 3);
        Refusal refusal = refusal(ask(Duration.ofMillis(60)));

        // It has not answered a single question, so who coordinates is all that is known.
        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(refusal.metadata()).containsEntry("coordinator", "b");
    }

    @Test
    void asksNoMoreOnceTooManyWereNotAnswered() {
        coordinates(B, 3);
        remote = (to, _, _) -> noAnswer(to);

        Refusal refusal = refusal(ask(LONG));

        assertThat(refusal.code()).isEqualTo(ErrorCode.CIRCUIT_OPEN);
        assertThat(refusal.metadata()).containsEntry("coordinator_address", "b.example.org:8080");
        assertThat(asked).hasSize(4);
    }

    @Test
    void refusesWhatIsTooManyAtOnce() {
        coordinates(B, 3);
        for (int i = 0; i < 2 * QUESTIONS_MAX; i++) {
            assertThat(ask(LONG)).isNotDone();
        }
        awaitQuestions(QUESTIONS_MAX);

        assertThat(refusal(ask(LONG)).code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(asked).hasSize(QUESTIONS_MAX);
    }

    @Test
    void repeatsNothingOnceTheNodeStops() {
        CompletableFuture<Bound> reply = ask(LONG);
        bounds.stop();

        assertThat(refusal(reply).code()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void asksNobodyElseForWhatAReaderHasSeen() {
        coordinates(B, 3);

        assertThat(refusal(ask(new Level.Session(0, 1), LONG)).code())
                .isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(asked).isEmpty();
    }
}
