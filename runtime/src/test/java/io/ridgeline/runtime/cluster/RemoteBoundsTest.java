package io.ridgeline.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.runtime.remote.NoAnswerException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// `a` asks `b`.
class RemoteBoundsTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final PartitionId SEVEN = new PartitionId(7);

    private final List<ByteBuffer> toA = new ArrayList<>();
    private final List<ByteBuffer> toB = new ArrayList<>();
    private final List<ReadIndexRequest> atB = new ArrayList<>();
    private final List<ReadIndexResult> results = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private boolean connected = true;
    private final RemoteBounds a =
            new RemoteBounds(
                    (to, message) -> connected && toB.add(message),
                    request -> {
                        throw new AssertionError(request);
                    });
    private final RemoteBounds b = new RemoteBounds((to, message) -> toA.add(message), atB::add);

    private void ask() {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        send(deadline);
        b.onMessage(A, toB.getLast());
    }

    private void send(long deadline) {
        CompletionStage<ReadIndexResult> _ =
                a.ask(B, SEVEN, deadline)
                        .whenComplete((result, failure) -> {
                            if (failure == null) {
                                results.add(result);
                            } else {
                                failures.add(failure);
                            }
                        });
    }

    private void answer(ReadIndexResult result) {
        atB.getLast().reply().accept(result);
        a.onMessage(B, toA.getLast());
    }

    @Test
    void theCoordinatorIsAskedAndItsBoundComesBack() {
        ask();
        assertThat(atB.getLast().partition()).isEqualTo(SEVEN);
        assertThat(atB.getLast().level()).isInstanceOf(ReadIndexRequest.Level.Linearizable.class);
        answer(new ReadIndexResult.Ready(SEVEN, 2, new LogPosition(40, 3), 99));
        assertThat(results)
                .containsExactly(new ReadIndexResult.Ready(SEVEN, 2, LogPosition.NONE, 99));
    }

    @Test
    void aPartitionWithoutEventsHasABoundToo() {
        ask();
        answer(new ReadIndexResult.Ready(SEVEN, 0, LogPosition.NONE, -1));
        assertThat(results)
                .containsExactly(new ReadIndexResult.Ready(SEVEN, 0, LogPosition.NONE, -1));
    }

    @Test
    void refusalsComeBackAsWhatTheReaderCanDoSomethingWith() {
        ask();
        answer(new ReadIndexResult.NotCoordinator(SEVEN, A, 5));
        ask();
        answer(new ReadIndexResult.QuorumUnavailable(SEVEN, 2, 1));
        ask();
        answer(new ReadIndexResult.Stopped(SEVEN));
        assertThat(results)
                .containsExactly(
                        new ReadIndexResult.NotCoordinator(SEVEN, A, 0),
                        new ReadIndexResult.QuorumUnavailable(SEVEN, 2, 1),
                        new ReadIndexResult.NotCoordinator(SEVEN, null, 0));
    }

    @Test
    void aLostNodeAnswersNothingMore() {
        ask();
        a.onDisconnected(B);
        assertThat(failures).singleElement().isInstanceOf(NoAnswerException.class);
        answer(new ReadIndexResult.Ready(SEVEN, 0, LogPosition.NONE, 1));
        assertThat(results).isEmpty();
    }

    @Test
    void aNodeThatIsNotConnectedIsKnownNotToAnswer() {
        connected = false;
        send(System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
        assertThat(failures)
                .singleElement()
                .isInstanceOf(NoAnswerException.class)
                .extracting(Throwable::getMessage)
                .isEqualTo("node b does not answer");
    }

    @Test
    void onlyWhoWasAskedCanAnswer() {
        ask();
        atB.getLast().reply().accept(new ReadIndexResult.Ready(SEVEN, 0, LogPosition.NONE, 1));
        a.onMessage(new NodeId("c"), toA.getLast());
        assertThat(results).isEmpty();
        a.onMessage(B, toA.getLast());
        assertThat(results).hasSize(1);
    }

    @Test
    void anAnswerIsWrittenInTheseBytes() {
        ByteBuffer encoded =
                RemoteBounds.encode(
                        5, new ReadIndexResult.Ready(SEVEN, 2, new LogPosition(40, 3), 99));
        assertThat(RemoteBounds.isOne(encoded)).isTrue();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("5401" + "0000000000000005" + "00" + "02" + "64");
    }

    @Test
    void aLaterVersionIsRefused() {
        ask();
        ByteBuffer question = toB.getLast().duplicate().put(1, (byte) 2);
        assertThatThrownBy(() -> b.onMessage(A, question))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("version 2");
    }
}
