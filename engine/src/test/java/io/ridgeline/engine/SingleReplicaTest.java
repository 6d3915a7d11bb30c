package io.ridgeline.engine;

import static io.ridgeline.engine.OneNode.P;
import static io.ridgeline.engine.OneNode.SECOND;
import static io.ridgeline.engine.OneNode.event;
import static io.ridgeline.engine.OneNode.one;
import static io.ridgeline.engine.OneNode.transaction;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.AppendResult.Appended;
import io.ridgeline.engine.AppendResult.EventIdConflict;
import io.ridgeline.engine.AppendResult.EventIdConflict.Reason;
import io.ridgeline.engine.AppendResult.Indeterminate;
import io.ridgeline.engine.AppendResult.Overloaded;
import io.ridgeline.engine.AppendResult.StorageFull;
import io.ridgeline.engine.AppendResult.VersionConflict;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A cluster of one, through the same code as any other.
class SingleReplicaTest {
    private static final StreamKey S = new StreamKey("key", "s");

    private static StreamCondition expect(String stream, Expectation expectation) {
        return new StreamCondition(new StreamKey("key", stream), expectation);
    }

    @Nested
    class AStart {
        @Test
        void onABlankDiskWritesTheFirstConfigurationAndBeginsAnEpoch() {
            OneNode node = OneNode.started();

            assertThat(node.bucket.log(P).all())
                    .extracting(Entry::kind)
                    .containsExactly(EntryKind.CONFIGURATION, EntryKind.EPOCH_START);
            Published published = node.ports.published(P);
            assertThat(published.role()).isEqualTo(Role.COORDINATING);
            assertThat(published.epoch()).isEqualTo(1);
            assertThat(published.lastSequence()).isEqualTo(-1);
            assertThat(published.watermark().index()).isEqualTo(2);
        }

        @Test
        void beginsAHigherEpochEveryTime() {
            OneNode node = OneNode.started().restarted().restarted();

            assertThat(node.ports.published(P).epoch()).isEqualTo(3);
            assertThat(node.bucket.log(P).all())
                    .extracting(Entry::epoch)
                    .containsExactly(1L, 1L, 2L, 3L);
        }

        @Test
        void confirmsATailThatNobodyHadConfirmed() {
            OneNode node = OneNode.started();
            node.append(one(1, "s"));
            node.shard.endTurn(node.now);
            node.bucket.sync();

            OneNode again = node.restarted();

            assertThat(again.ports.published(P).lastSequence()).isEqualTo(0);
        }

        @Test
        void needsNoTimerOnceTheTakeoverIsOver() {
            OneNode node = OneNode.started();
            node.pass(10 * SECOND);

            assertThat(node.shard.nextTimerNanos()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Nested
    class AWrite {
        private final OneNode node = OneNode.started();

        @Test
        void isAnsweredOnceItIsSynced() {
            node.append(one(1, "s"));
            node.shard.endTurn(node.now);
            assertThat(node.answers).isEmpty();

            node.turn();

            assertThat(node.answers)
                    .containsExactly(
                            new Appended(P, 0, 0, 0, List.of(new StreamVersions(S, 0, 0)), false));
        }

        @Test
        void getsItsPlaceAtOnceSoThatTheNextOneCanBuildOnIt() {
            node.append(one(1, "s"), expect("s", new Expectation.NoStream()));
            node.append(one(2, "s"), expect("s", new Expectation.ExactVersion(0)));
            node.append(transaction(event(3, "s", "a"), event(4, "t", "b"), event(5, "s", "c")));
            node.turn();

            assertThat(node.bucket.syncs()).isEqualTo(3);
            assertThat(node.answers)
                    .containsExactly(
                            new Appended(P, 0, 0, 0, List.of(new StreamVersions(S, 0, 0)), false),
                            new Appended(P, 0, 1, 1, List.of(new StreamVersions(S, 1, 1)), false),
                            new Appended(
                                    P,
                                    0,
                                    2,
                                    4,
                                    List.of(
                                            new StreamVersions(S, 2, 3),
                                            new StreamVersions(new StreamKey("key", "t"), 0, 0)),
                                    false));
        }

        @Test
        void isPublishedWithItsAnswer() {
            node.appended(one(1, "s"));

            assertThat(node.ports.published(P).lastSequence()).isEqualTo(0);
        }

        @Test
        void isIndeterminateAtItsDeadlineAndNotAnsweredTwice() {
            node.append(one(1, "s"));
            node.shard.endTurn(node.now);
            node.now += 6 * SECOND;
            node.shard.onTimer(node.now);

            assertThat(node.answers)
                    .containsExactly(new Indeterminate(P, Indeterminate.Cause.TIMEOUT));
            node.turn();
            assertThat(node.answers).hasSize(1);
        }

        @Test
        void isIndeterminateIfTheSyncFails() {
            node.append(one(1, "s"));
            node.bucket.failSyncs();
            node.turn();

            assertThat(node.answers)
                    .containsExactly(new Indeterminate(P, Indeterminate.Cause.STORAGE_FAILED));
            assertThat(node.appended(one(2, "s"))).isInstanceOf(AppendResult.Stopped.class);
        }

        @Test
        void isRefusedWhileTheDiskIsFull() {
            node.bucket.setBytesFree(10);
            assertThat(node.appended(one(1, "s"))).isEqualTo(new StorageFull(P));

            node.bucket.setBytesFree(1_000_000);
            assertThat(node.appended(one(1, "s"))).isInstanceOf(Appended.class);
        }

        @Test
        void isRefusedBeyondTheLimitOfPendingOnes() {
            Limits limits = withPendingMax(2);
            OneNode small = OneNode.started(limits);
            small.append(one(1, "s"));
            small.append(one(2, "s"));
            small.append(one(3, "s"));

            assertThat(small.answers).singleElement().isInstanceOf(Overloaded.class);
            small.turn();
            assertThat(small.appended(one(3, "s"))).isInstanceOf(Appended.class);
        }

        @Test
        void isRefusedOnceTheNodeStops() {
            node.append(one(1, "s"));
            node.shard.stop(node.now);
            assertThat(node.shard.isDrained()).isFalse();
            node.append(one(2, "s"));
            node.turn();

            assertThat(node.answers)
                    .satisfiesExactly(
                            second -> assertThat(second).isEqualTo(new AppendResult.Stopping(P)),
                            first -> assertThat(first).isInstanceOf(Appended.class));
            assertThat(node.shard.isDrained()).isTrue();
        }

        private static Limits withPendingMax(int entries) {
            Limits d = Limits.DEFAULT;
            return new Limits(
                    entries,
                    d.pendingBytesMax(),
                    d.waitingMax(),
                    d.forwardedMax(),
                    d.transactionBytesMax(),
                    d.replicateBytesMax(),
                    d.windowBytesMax(),
                    d.windowEntriesMax(),
                    d.pageBytesMax(),
                    d.bulkBytesPerTurnMax(),
                    d.bufferEntriesMax(),
                    d.bufferBytesMax(),
                    d.frameBytesMax(),
                    d.digestEntriesMax(),
                    d.hopsMax(),
                    d.behindEntriesMax(),
                    d.epochStepMax());
        }
    }

    @Nested
    class AConflict {
        private final OneNode node = OneNode.started();

        @Test
        void namesTheVersionThatIsThere() {
            node.appended(one(1, "s"));

            assertThat(node.appended(one(2, "s"), expect("s", new Expectation.NoStream())))
                    .isEqualTo(new VersionConflict(P, S, new Expectation.NoStream(), 0));
        }

        @Test
        void waitsUntilWhatItRestsOnIsConfirmed() {
            node.append(one(1, "s"));
            node.append(one(2, "s"), expect("s", new Expectation.NoStream()));
            node.shard.endTurn(node.now);
            assertThat(node.answers).isEmpty();

            node.turn();
            assertThat(node.answers)
                    .satisfiesExactly(
                            first -> assertThat(first).isInstanceOf(Appended.class),
                            second -> assertThat(second).isInstanceOf(VersionConflict.class));
        }
    }

    @Nested
    class ARepeat {
        private final OneNode node = OneNode.started();

        @Test
        void getsTheFirstResult() {
            node.appended(one(1, "s"));
            node.appended(one(2, "s"));

            assertThat(node.appended(one(1, "s"), expect("s", new Expectation.NoStream())))
                    .isEqualTo(
                            new Appended(P, 0, 0, 0, List.of(new StreamVersions(S, 0, 0)), true));
        }

        @Test
        void waitsForItsFirstAttempt() {
            node.append(one(1, "s"));
            node.append(one(1, "s"));
            node.shard.endTurn(node.now);
            assertThat(node.answers).isEmpty();

            node.turn();
            assertThat(node.answers)
                    .extracting(answer -> ((Appended) answer).duplicate())
                    .containsExactly(false, true);
        }

        @Test
        void survivesARestart() {
            node.appended(one(1, "s"));

            assertThat(((Appended) node.restarted().appended(one(1, "s"))).duplicate()).isTrue();
        }

        @Test
        void mayBeCutIntoOtherTransactions() {
            node.appended(transaction(event(1, "s", "a"), event(2, "t", "b")));
            node.appended(transaction(event(3, "s", "c")));

            assertThat(node.appended(transaction(event(2, "t", "b"), event(3, "s", "c"))))
                    .isEqualTo(
                            new Appended(
                                    P,
                                    0,
                                    1,
                                    2,
                                    List.of(
                                            new StreamVersions(new StreamKey("key", "t"), 0, 0),
                                            new StreamVersions(S, 1, 1)),
                                    true));
        }
    }

    @Nested
    class AnId {
        private final OneNode node = OneNode.started();

        @Test
        void withOtherContentIsAnError() {
            node.appended(transaction(event(1, "s", "a")));

            assertThat(node.appended(transaction(event(1, "s", "b"))))
                    .isEqualTo(conflict(1, Reason.OTHER_CONTENT));
        }

        @Test
        void amongNewOnesIsAnError() {
            node.appended(one(1, "s"));

            assertThat(node.appended(transaction(event(1, "s", "x1"), event(2, "s", "x2"))))
                    .isEqualTo(conflict(2, Reason.MIXED));
        }

        @Test
        void inAnotherOrderIsAnError() {
            node.appended(transaction(event(1, "s", "a"), event(2, "s", "b")));

            assertThat(node.appended(transaction(event(2, "s", "b"), event(1, "s", "a"))))
                    .isEqualTo(conflict(1, Reason.OTHER_ORDER));
        }

        @Test
        void twiceInATransactionIsAnError() {
            assertThat(node.appended(transaction(event(1, "s", "a"), event(1, "s", "a"))))
                    .isEqualTo(conflict(1, Reason.REPEATED_IN_TRANSACTION));
        }

        @Test
        void underAnotherPartitionKeyIsAnotherId() {
            node.appended(one(1, "s"));
            var other = io.ridgeline.spi.event.Transaction.of("other", List.of(event(1, "s", "y")));

            assertThat(node.appended(other)).isInstanceOf(Appended.class);
        }

        private static EventIdConflict conflict(long id, Reason reason) {
            return new EventIdConflict(P, new UUID(0, id), reason);
        }
    }

    @Nested
    class ARead {
        private final OneNode node = OneNode.started();
        private final List<ReadIndexResult> results = new ArrayList<>();

        private void read(ReadIndexRequest.Level level) {
            node.shard.onReadIndex(
                    new ReadIndexRequest(P, level, node.now + SECOND, results::add), node.now);
        }

        @Test
        void isLinearizableAtTheEndOfTheTurn() {
            node.appended(one(1, "s"));
            read(new ReadIndexRequest.Level.Linearizable());
            node.turn();

            assertThat(results)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            ReadIndexResult.Ready.class,
                            ready -> assertThat(ready.lastSequence()).isEqualTo(0));
        }

        @Test
        void ofASessionWaitsForItsPosition() {
            read(new ReadIndexRequest.Level.Session(0, 0));
            node.turn();
            assertThat(results).isEmpty();

            node.appended(one(1, "s"));
            assertThat(results).singleElement().isInstanceOf(ReadIndexResult.Ready.class);
        }

        @Test
        void ofASessionEndsAtItsDeadline() {
            read(new ReadIndexRequest.Level.Session(0, 0));
            node.pass(2 * SECOND);

            assertThat(results).singleElement().isInstanceOf(ReadIndexResult.TimedOut.class);
        }

        @Test
        void ofAnotherHistoryIsRefused() {
            read(new ReadIndexRequest.Level.Session(1, 0));

            assertThat(results).singleElement().isEqualTo(new ReadIndexResult.OtherHistory(P, 0));
        }
    }
}
