package io.ridgeline.engine;

import static io.ridgeline.engine.ThreeReplicas.A;
import static io.ridgeline.engine.ThreeReplicas.B;
import static io.ridgeline.engine.ThreeReplicas.C;
import static io.ridgeline.engine.ThreeReplicas.EPOCH;
import static io.ridgeline.engine.ThreeReplicas.P;
import static io.ridgeline.engine.ThreeReplicas.at;
import static io.ridgeline.engine.ThreeReplicas.epochStart;
import static io.ridgeline.engine.ThreeReplicas.header;
import static io.ridgeline.engine.ThreeReplicas.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.message.Header;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.engine.message.PartitionMessage.RoundRequest;
import io.ridgeline.engine.message.PartitionMessage.Superseded;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRefusal;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Each message in each role, for every relation of its epoch and index to ours.
class RelationsTest {
    private final ThreeReplicas three = new ThreeReplicas();

    /// Our roles, and the epoch that each of them has promised.
    private long in(Role role) {
        switch (role) {
            case FOLLOWING -> {
                return EPOCH;
            }
            case TAKING_OVER -> three.takeOver();
            case COORDINATING -> three.coordinate();
            default -> throw new AssertionError(role);
        }
        return EPOCH + 1;
    }

    @Nested
    class ReplicateWriteToAFollower {
        private List<Message> said(long epoch, LogPosition previous, Entry... entries) {
            return three.answers(
                    A,
                    new ReplicateWrite(header(A, epoch), previous, at(3, EPOCH), List.of(entries)));
        }

        @Test
        void thatFollowsTheLogIsAppendedSyncedAndAcknowledged() {
            assertThat(said(EPOCH, at(4, EPOCH), write(5, EPOCH, 2)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH), 5, 5));
            assertThat(three.log()).hasSize(5);
        }

        @Test
        void thatIsThereAlreadyCutsNothing() {
            said(EPOCH, at(4, EPOCH), write(5, EPOCH, 2));

            assertThat(said(EPOCH, at(2, EPOCH), write(3, EPOCH, 0)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH), 5, 5));
            assertThat(three.log()).hasSize(5);
        }

        @Test
        void isAcknowledgedOnlyAsFarAsItWasShownToBeEqual() {
            // 4@5 is durable here, and nobody of epoch 6 has shown it (C4).
            assertThat(said(EPOCH + 1, at(2, EPOCH), write(3, EPOCH, 0)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH + 1), 3, 4));
        }

        @Test
        void thatDiffersReplacesTheTail() {
            assertThat(said(EPOCH + 1, at(3, EPOCH), epochStart(4, EPOCH + 1, A)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH + 1), 4, 4));
            assertThat(three.log())
                    .extracting(Entry::position)
                    .endsWith(at(3, EPOCH), at(4, EPOCH + 1));
        }

        @Test
        void thatComesAheadWaitsAndIsFetched() {
            List<Message> said = said(EPOCH, at(6, EPOCH), write(7, EPOCH, 4));

            assertThat(said)
                    .containsExactly(
                            new PartitionSyncRequest(
                                    three.ours(EPOCH), Purpose.FOLLOW, at(4, EPOCH), 0));
            assertThat(said(EPOCH, at(4, EPOCH), write(5, EPOCH, 2), write(6, EPOCH, 3)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH), 7, 7));
        }

        @Test
        void thatWaitedIsForgottenWhenTheEpochRises() {
            said(EPOCH, at(6, EPOCH), write(7, EPOCH, 4));

            assertThat(
                            said(
                                    EPOCH + 1,
                                    at(4, EPOCH),
                                    epochStart(5, EPOCH + 1, A),
                                    write(6, EPOCH + 1, 2)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH + 1), 6, 6));
            assertThat(three.log()).hasSize(6);
        }

        @Test
        void behindAnotherEntryIsRefusedWithTheFirstIndexThatMayDiffer() {
            assertThat(said(EPOCH + 1, at(4, EPOCH + 1), write(5, EPOCH + 1, 2)))
                    .containsExactly(
                            new ReplicateRefusal(three.ours(EPOCH + 1), 4, at(4, EPOCH), 4));
            assertThat(three.log()).hasSize(4);
        }

        @Test
        void thatWouldDropWhatIsConfirmedStopsThePartition() {
            assertThat(said(EPOCH + 1, at(2, EPOCH), epochStart(3, EPOCH + 1, A))).isEmpty();
            assertThat(three.role()).isEqualTo(Role.STOPPED);
        }

        @Test
        void withASequenceThatDoesNotFollowStopsThePartition() {
            assertThat(said(EPOCH, at(4, EPOCH), write(5, EPOCH, 7))).isEmpty();
            assertThat(three.role()).isEqualTo(Role.STOPPED);
            assertThat(three.log()).hasSize(4);
        }

        @Test
        void ofASecondRunInTheEpochIsRefused() {
            said(EPOCH, at(4, EPOCH));

            assertThat(
                            three.answers(
                                    C,
                                    new ReplicateWrite(
                                            header(C, EPOCH),
                                            at(4, EPOCH),
                                            at(3, EPOCH),
                                            List.of())))
                    .isEmpty();
        }

        @Test
        void ofAnyWinnerIsAcceptedWhoeverThePromiseWentTo() {
            three.answers(C, new TakeoverRequest(header(C, EPOCH + 1), false, List.of()));

            assertThat(said(EPOCH + 1, at(4, EPOCH)))
                    .containsExactly(new ReplicateWriteAck(three.ours(EPOCH + 1), 4, 4));
        }
    }

    @Nested
    class ReplicateWriteInAnyRole {
        @ParameterizedTest
        @EnumSource(names = {"FOLLOWING", "TAKING_OVER", "COORDINATING"})
        void ofAnOlderEpochIsToldTheCurrentOne(Role role) {
            long promised = in(role);

            assertThat(three.answers(A, empty(A, promised - 1)))
                    .containsExactly(new Superseded(three.ours(promised), promised - 1));
            assertThat(three.role()).isEqualTo(role);
        }

        @ParameterizedTest
        @EnumSource(names = {"FOLLOWING", "TAKING_OVER", "COORDINATING"})
        void ofANewerEpochMakesUsFollow(Role role) {
            long promised = in(role);
            long last = three.log().size();

            List<Message> said =
                    three.answers(
                            A,
                            new ReplicateWrite(
                                    header(A, promised + 1),
                                    at(3, EPOCH),
                                    at(3, EPOCH),
                                    List.of()));

            assertThat(said)
                    .containsExactly(new ReplicateWriteAck(three.ours(promised + 1), 3, last));
            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
            assertThat(three.bucket.log(P).state().hardState().promisedEpoch())
                    .isEqualTo(promised + 1);
        }

        @Test
        void ofOurOwnReignIsImpossible() {
            in(Role.COORDINATING);

            assertThat(three.answers(A, empty(A, EPOCH + 1))).isEmpty();
            assertThat(three.role()).isEqualTo(Role.STOPPED);
        }

        @Test
        void ofTheEpochThatWeWantedMeansThatAnotherWonIt() {
            in(Role.TAKING_OVER);

            three.answers(A, empty(A, EPOCH + 1));
            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
        }

        @Test
        void ofAnEpochBeyondReasonIsRefused() {
            assertThat(three.answers(A, empty(A, EPOCH + (1L << 33)))).isEmpty();
            assertThat(three.epoch()).isEqualTo(EPOCH);
        }

        private static ReplicateWrite empty(Run sender, long epoch) {
            return new ReplicateWrite(header(sender, epoch), at(3, EPOCH), at(3, EPOCH), List.of());
        }
    }

    @Nested
    class ATakeoverRequest {
        @ParameterizedTest
        @EnumSource(names = {"FOLLOWING", "TAKING_OVER", "COORDINATING"})
        void ofANewerEpochIsPromisedWithTheWholeLog(Role role) {
            long promised = in(role);
            LogPosition last = three.log().getLast().position();
            LogPosition watermark = three.ports.published(P).watermark();

            assertThat(
                            three.answers(
                                    C,
                                    new TakeoverRequest(header(C, promised + 2), false, List.of())))
                    .contains(new TakeoverPromise(three.ours(promised + 2), last, watermark));
            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
            assertThat(three.bucket.log(P).state().hardState().promisedTo()).isEqualTo(C);
        }

        @ParameterizedTest
        @EnumSource(names = {"FOLLOWING", "TAKING_OVER", "COORDINATING"})
        void ofTheSameOrAnOlderEpochOfAnotherIsRefused(Role role) {
            long promised = in(role);

            for (long epoch = promised - 1; epoch <= promised; epoch++) {
                assertThat(
                                three.answers(
                                        C, new TakeoverRequest(header(C, epoch), false, List.of())))
                        .containsExactly(new TakeoverRefusal(three.ours(promised), epoch, false));
            }
            assertThat(three.role()).isEqualTo(role);
        }

        @Test
        void repeatedByTheSameRunIsPromisedAgain() {
            TakeoverRequest request = new TakeoverRequest(header(C, EPOCH + 1), false, List.of());
            List<Message> first = three.answers(C, request);

            assertThat(three.answers(C, request)).isEqualTo(first).hasSize(1);
            assertThat(
                            three.answers(
                                    A, new TakeoverRequest(header(A, EPOCH + 1), false, List.of())))
                    .containsExactly(new TakeoverRefusal(three.ours(EPOCH + 1), EPOCH + 1, false));
        }

        @Test
        void isAnsweredOnceThePromiseAndTheTailAreDurable() {
            three.hear(
                    A,
                    new ReplicateWrite(
                            header(A, EPOCH),
                            at(4, EPOCH),
                            at(3, EPOCH),
                            List.of(write(5, EPOCH, 2))));
            three.hear(C, new TakeoverRequest(header(C, EPOCH + 1), false, List.of()));
            three.we.endTurn(three.now);
            assertThat(three.said()).isEmpty();

            three.turn();
            // And 5@5 is acknowledged to nobody any more (C3).
            assertThat(three.said())
                    .containsExactly(
                            new TakeoverPromise(three.ours(EPOCH + 1), at(5, EPOCH), at(3, EPOCH)));
        }
    }

    @Nested
    class ARefusal {
        private void refuse(Run sender, long epoch, boolean blank) {
            three.answers(sender, new TakeoverRefusal(header(sender, EPOCH + 1), epoch, blank));
        }

        @Test
        void byAllOthersEndsTheCandidacyAtOnce() {
            three.takeOver();

            refuse(C, EPOCH + 1, false);
            assertThat(three.role()).isEqualTo(Role.TAKING_OVER);
            refuse(C, EPOCH + 1, false);
            assertThat(three.role()).isEqualTo(Role.TAKING_OVER);

            refuse(A, EPOCH + 1, false);
            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
        }

        @Test
        void byOneWhoMayYetPromiseEndsNothing() {
            three.takeOver();
            refuse(C, EPOCH + 1, false);

            refuse(A, EPOCH + 1, true);
            assertThat(three.role()).isEqualTo(Role.TAKING_OVER);

            refuse(A, EPOCH, false);
            assertThat(three.role()).isEqualTo(Role.TAKING_OVER);
        }
    }

    @Nested
    class APeerThatIsSilent {
        private boolean isDownAfter(long nanos) {
            three.answers(A, new RoundRequest(header(A, EPOCH), 9));
            long end = three.now + nanos;
            while (three.now < end) {
                // In small steps: a long one would pass for a pause of our own.
                three.now += 50_000_000L;
                three.we.onTimer(three.now);
                three.turn();
            }
            return three.ports.events().contains(new EngineEvent.PeerChanged(A.node(), false));
        }

        private final long beat = Timings.DEFAULT.heartbeatNanos();

        @Test
        void isDownAfterTheDetectorsTime() {
            assertThat(isDownAfter(Timings.DEFAULT.detectorNanos() - beat)).isFalse();
            assertThat(isDownAfter(Timings.DEFAULT.detectorNanos() + beat)).isTrue();
        }

        @Test
        void isDownSoonerWithoutAConnection() {
            three.we.onDisconnected(A.node(), three.now);

            assertThat(isDownAfter(Timings.DEFAULT.lostNanos() - beat)).isFalse();
            assertThat(isDownAfter(Timings.DEFAULT.lostNanos() + beat)).isTrue();
        }
    }

    @Nested
    class AConfirmation {
        @ParameterizedTest(name = "{0}@{1} in epoch {2}: watermark {3}")
        @CsvSource({
            "2, 5, 5, 3", // behind
            "4, 5, 5, 4", // the very entry
            "4, 6, 6, 3", // another entry stands there (C5)
            "6, 5, 5, 3", // still under way
            "4, 5, 4, 3", // of a deposed coordinator
            "4, 5, 7, 4", // a fact, whoever says it
        })
        void isTakenWhereTheOwnEntryHasItsEpoch(
                long index, long entryEpoch, long epoch, long expected) {
            three.answers(A, new ConfirmTransaction(header(A, epoch), at(index, entryEpoch)));

            assertThat(three.ports.published(P).watermark().index()).isEqualTo(expected);
        }

        @Test
        void thatCameBeforeItsEntryIsTakenWithIt() {
            three.answers(A, new ConfirmTransaction(header(A, EPOCH), at(5, EPOCH)));
            three.answers(
                    A,
                    new ReplicateWrite(
                            header(A, EPOCH),
                            at(4, EPOCH),
                            at(3, EPOCH),
                            List.of(write(5, EPOCH, 2))));

            assertThat(three.ports.published(P).watermark()).isEqualTo(at(5, EPOCH));
            assertThat(three.ports.published(P).lastSequence()).isEqualTo(2);
        }
    }

    @Nested
    class ARound {
        @ParameterizedTest
        @CsvSource({"4, false", "5, true", "6, true"})
        void isAnsweredInItsEpoch(long epoch, boolean answered) {
            List<Message> said = three.answers(A, new RoundRequest(header(A, epoch), 9));

            if (answered) {
                assertThat(said).containsExactly(new RoundAnswer(three.ours(epoch), 9));
            } else {
                assertThat(said).containsExactly(new Superseded(three.ours(EPOCH), epoch));
            }
        }
    }

    @Nested
    class APoll {
        @ParameterizedTest
        @EnumSource(names = {"FOLLOWING", "TAKING_OVER", "COORDINATING"})
        void isAnsweredAndChangesNothing(Role role) {
            long promised = in(role);
            LogPosition last = three.log().getLast().position();
            LogPosition watermark = three.ports.published(P).watermark();

            assertThat(three.answers(C, new PollRequest(header(C, EPOCH), 4)))
                    .containsExactly(
                            new PollAnswer(
                                    three.ours(promised), 4, false, true, true, last, watermark));
            assertThat(three.role()).isEqualTo(role);
            assertThat(three.bucket.log(P).state().hardState().promisedEpoch()).isEqualTo(promised);
        }

        @Test
        void showsACoordinatorThatItsEpochIsOver() {
            in(Role.COORDINATING);

            three.answers(C, new PollRequest(header(C, EPOCH + 2), 4));
            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
        }
    }

    @Nested
    class APage {
        @ParameterizedTest(name = "{0} asks {1} in epoch {2}: up to {3}")
        @CsvSource({
            // a follower serves what is confirmed
            "FOLLOWING, REPAIR, 5, 3",
            "FOLLOWING, LEARN, 0, 3",
            "FOLLOWING, FOLLOW, 5, 3",
            "FOLLOWING, ADOPT, 5, 3",
            // a coordinator its log, to its replicas
            "COORDINATING, FOLLOW, 6, 5",
            "COORDINATING, LEARN, 0, 5",
            "TAKING_OVER, REPAIR, 6, 3",
            "TAKING_OVER, ADOPT, 6, 3",
        })
        void goesAsFarAsTheAskerMaySee(Role role, Purpose purpose, long epoch, long last) {
            in(role);

            List<Message> said =
                    three.answers(
                            C,
                            new PartitionSyncRequest(header(C, epoch), purpose, at(2, EPOCH), 0));

            assertThat(said)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            PartitionSyncResponse.class,
                            page -> {
                                assertThat(page.matches()).isTrue();
                                assertThat(page.entries().getLast().index()).isEqualTo(last);
                            });
        }

        @Test
        void goesToTheEndForTheCandidateThatHasOurPromise() {
            three.answers(C, new TakeoverRequest(header(C, EPOCH + 1), false, List.of()));

            assertThat(
                            three.answers(
                                    C,
                                    new PartitionSyncRequest(
                                            header(C, EPOCH + 1), Purpose.ADOPT, at(2, EPOCH), 0)))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            PartitionSyncResponse.class,
                            page ->
                                    assertThat(page.entries().getLast().position())
                                            .isEqualTo(at(4, EPOCH)));
        }

        @Test
        void behindAnotherEntrySaysWhereToLook() {
            three.coordinate();

            assertThat(
                            three.answers(
                                    C,
                                    new PartitionSyncRequest(
                                            header(C, EPOCH + 1), Purpose.FOLLOW, at(5, 4), 0)))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            PartitionSyncResponse.class,
                            page -> {
                                assertThat(page.matches()).isFalse();
                                assertThat(page.conflictIndex()).isEqualTo(5);
                                assertThat(page.entries()).isEmpty();
                            });
        }
    }

    @Nested
    class AnAck {
        private void ack(Header header, long index) {
            three.answers(C, new ReplicateWriteAck(header, index, index));
        }

        @Test
        void ofThisEpochAndTheNamedDiskCounts() {
            three.coordinate();
            three.we.onExecute(request(), three.now);
            three.turn();
            assertThat(three.answers).isEmpty();

            ack(header(C, EPOCH), 6);
            ack(header(C, EPOCH + 1), 5);
            assertThat(three.answers).isEmpty();

            ack(header(C, EPOCH + 1), 6);
            assertThat(three.answers).singleElement().isInstanceOf(AppendResult.Appended.class);
        }

        @Test
        void ofADiskThatTheLogDoesNotNameCountsForNothingAndLeadsToItsReadmission() {
            three.coordinate();
            three.we.onExecute(request(), three.now);
            three.turn();

            ack(new Header(P, 0, EPOCH + 1, new UUID(9, 9)), 6);
            assertThat(three.answers).isEmpty();
            assertThat(three.log().getLast().kind()).isEqualTo(EntryKind.CONFIGURATION);
            ack(new Header(P, 0, EPOCH + 1, new UUID(9, 9)), 7);
            assertThat(three.answers).isEmpty();
        }

        @Test
        void ofAHigherEpochEndsTheReign() {
            three.coordinate();
            ack(header(C, EPOCH + 2), 5);

            assertThat(three.role()).isEqualTo(Role.FOLLOWING);
        }

        @Test
        void ofAnotherHistoryIsRefused() {
            three.coordinate();
            three.we.onExecute(request(), three.now);
            three.turn();
            ack(new Header(P, 1, EPOCH + 1, ThreeReplicas.DISK_C), 6);

            assertThat(three.role()).isEqualTo(Role.STOPPED);
            assertThat(three.answers)
                    .containsExactly(
                            new AppendResult.Indeterminate(
                                    P, AppendResult.Indeterminate.Cause.PARTITION_STOPPED));
        }

        @Test
        void ofAnOlderRunIsRefused() {
            three.coordinate();
            three.we.onExecute(request(), three.now);
            three.turn();
            Run older = new Run(C.node(), C.startedAt() - 1);

            three.hear(older, new ReplicateWriteAck(header(C, EPOCH + 1), 6, 6));
            three.turn();
            assertThat(three.answers).isEmpty();
        }

        private ExecuteTransaction request() {
            return new ExecuteTransaction(
                    P,
                    OneNode.one(77, "s"),
                    List.of(),
                    three.now + 5_000_000_000L,
                    0,
                    List.of(),
                    three.answers::add);
        }
    }

    @Nested
    class ADeposedCoordinatorsWrite {
        private void orderAndDepose() {
            three.coordinate();
            three.we.onExecute(
                    new ExecuteTransaction(
                            P,
                            OneNode.one(77, "s"),
                            List.of(),
                            three.now + 5_000_000_000L,
                            0,
                            List.of(),
                            three.answers::add),
                    three.now);
            three.turn();
            three.answers(C, new TakeoverRequest(header(C, EPOCH + 2), false, List.of()));
            assertThat(three.answers).isEmpty();
        }

        private void next(LogPosition previous, Entry entry) {
            three.answers(
                    C,
                    new ReplicateWrite(
                            header(C, EPOCH + 2), previous, entry.position(), List.of(entry)));
        }

        @Test
        void isAppendedIfTheNextCoordinatorConfirmsIt() {
            orderAndDepose();
            next(at(6, EPOCH + 1), epochStart(7, EPOCH + 2, C));

            assertThat(three.answers).singleElement().isInstanceOf(AppendResult.Appended.class);
        }

        @Test
        void isDiscardedOnlyOnceAnotherEntryIsConfirmedThere() {
            orderAndDepose();
            three.answers(
                    C,
                    new ReplicateWrite(
                            header(C, EPOCH + 2),
                            at(5, EPOCH + 1),
                            at(5, EPOCH + 1),
                            List.of(epochStart(6, EPOCH + 2, C))));
            assertThat(three.answers).isEmpty();

            three.answers(C, new ConfirmTransaction(header(C, EPOCH + 2), at(6, EPOCH + 2)));
            assertThat(three.answers).containsExactly(new AppendResult.Discarded(P));
        }

        @Test
        void isIndeterminateAtItsDeadline() {
            orderAndDepose();
            three.now += 6_000_000_000L;
            three.we.onTimer(three.now);

            assertThat(three.answers)
                    .containsExactly(
                            new AppendResult.Indeterminate(
                                    P, AppendResult.Indeterminate.Cause.TIMEOUT));
        }
    }

    @Test
    void messagesOfTheNodeItselfAreRefused() {
        three.hear(B, new RoundRequest(header(A, EPOCH), 1));
        three.turn();

        assertThat(three.said()).isEmpty();
    }

    @Test
    void messageKindsAreAllAccountedForHere() {
        assertThat(PartitionMessage.class.getPermittedSubclasses()).hasSize(17);
    }
}
