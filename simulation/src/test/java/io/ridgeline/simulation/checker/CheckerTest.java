package io.ridgeline.simulation.checker;

import static io.ridgeline.simulation.Samples.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.simulation.Samples;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Three replicas; epoch 1 has begun at index 2, and indexes 1 and 2 are chosen.
class CheckerTest {
    private static final Run RUN = new Run(new NodeId("n0"), 5);
    private static final StreamKey STREAM = new StreamKey("s", "s");

    private final Checker checker = new Checker(List.of(PARTITION));
    private final long[] chains = new long[100];

    private void append(Entry entry, long previousChain, long chain) {
        checker.onAppended(0, PARTITION, entry, previousChain, chain);
    }

    private void durable(Entry entry, long promised, int... nodes) {
        for (int node : nodes) {
            checker.onDurable(node, PARTITION, Samples.storageId(node), entry, 0, promised);
        }
    }

    private Operation operation(UUID id) {
        return checker.ledger().open(PARTITION, "s", List.of(Samples.event(id, "s")), List.of());
    }

    private static Entry write(long index, long epoch, UUID id, long sequence, long version) {
        NewEvent event = Samples.event(id, "s");
        return Samples.transaction(index, epoch, event, sequence, version);
    }

    private void publish(long index, long epoch, long sequence) {
        checker.onPublished(
                RUN,
                PARTITION,
                new Published(
                        RUN.node(),
                        epoch,
                        0,
                        new LogPosition(index, epoch),
                        sequence,
                        Role.FOLLOWING,
                        true),
                (_, at) -> chains[(int) at]);
    }

    @BeforeEach
    void begin() {
        for (int node = 0; node < 3; node++) {
            checker.onHardState(node, PARTITION, Samples.storageId(node), new HardState(1, RUN, 0));
        }
        Entry configuration = Samples.configuration(1, 1, 3);
        Entry start = Samples.epochStart(2, 1, 0);
        append(configuration, 0, 11);
        append(start, 11, 12);
        chains[1] = 11;
        chains[2] = 12;
        durable(configuration, 1, 0, 1);
        durable(start, 1, 0, 1);
    }

    @Nested
    class ChosenEntries {
        @Test
        void areDurableOnAWriteQuorumInTheirOwnEpoch() {
            Entry entry = write(3, 1, operationId(1), 0, 0);
            append(entry, 12, 13);
            durable(entry, 1, 0);
            assertThat(checker.chosenIndex(PARTITION)).isEqualTo(2);

            durable(entry, 2, 1);
            assertThat(checker.chosenIndex(PARTITION)).isEqualTo(2);

            durable(entry, 1, 2);
            assertThat(checker.chosenIndex(PARTITION)).isEqualTo(3);
        }

        @Test
        void countOnceForADiskAndNeverForOneThatIsNotNamed() {
            Entry entry = write(3, 1, operationId(1), 0, 0);
            append(entry, 12, 13);
            durable(entry, 1, 0, 0, 7);

            assertThat(checker.chosenIndex(PARTITION)).isEqualTo(2);
        }

        @Test
        void mustBeInTheLogOfEveryLaterReign() {
            Entry entry = write(3, 1, operationId(1), 0, 0);
            append(entry, 12, 13);
            durable(entry, 1, 0, 1);

            assertThatThrownBy(() -> append(Samples.epochStart(3, 2, 2), 12, 23))
                    .isInstanceOf(Violation.class)
                    .hasMessageContaining("chosen entries survive");
        }

        @Test
        void areMissedAlsoIfTheyAreChosenAfterTheLaterReignBegan() {
            Entry entry = write(3, 1, operationId(1), 0, 0);
            append(entry, 12, 13);
            durable(entry, 1, 0);
            append(Samples.epochStart(3, 2, 2), 12, 23);

            assertThatThrownBy(() -> durable(entry, 1, 1))
                    .isInstanceOf(Violation.class)
                    .hasMessageContaining("chosen entries survive");
        }

        @Test
        void formOneLog() {
            operationId(2);
            Entry start = Samples.epochStart(3, 2, 2);
            append(start, 12, 23);
            durable(start, 2, 1, 2);
            Entry entry = write(3, 1, operationId(1), 0, 0);
            append(entry, 12, 13);

            assertThatThrownBy(() -> durable(entry, 1, 0, 1))
                    .isInstanceOf(Violation.class)
                    .hasMessageContaining("one chosen log");
        }
    }

    private UUID operationId(int number) {
        UUID id = new UUID(1, number);
        operation(id);
        return id;
    }

    @Nested
    class Logs {
        @Test
        void haveOneContentPerIndexAndEpoch() {
            append(write(3, 1, operationId(1), 0, 0), 12, 13);

            assertThatThrownBy(() -> append(write(3, 1, operationId(2), 0, 0), 12, 14))
                    .isInstanceOf(Violation.class)
                    .hasMessageContaining("one content per entry");
        }

        @Test
        void haveOneEpochStartPerEpoch() {
            append(Samples.epochStart(3, 2, 1), 12, 23);

            assertThatThrownBy(() -> append(Samples.epochStart(4, 2, 1), 23, 24))
                    .isInstanceOf(Violation.class)
                    .hasMessageContaining("one coordinator per epoch");
        }

        @Test
        void holdWhatClientsWrote() {
            Entry entry = write(3, 1, new UUID(9, 9), 0, 0);
            append(entry, 12, 13);

            assertThatThrownBy(() -> durable(entry, 1, 0, 1))
                    .hasMessageContaining("what no client wrote");
        }

        @Test
        void holdAnIdOnce() {
            UUID id = operationId(1);
            Entry first = write(3, 1, id, 0, 0);
            Entry second = write(4, 1, id, 1, 1);
            append(first, 12, 13);
            append(second, 13, 14);
            durable(first, 1, 0, 1);

            assertThatThrownBy(() -> durable(second, 1, 0, 1))
                    .hasMessageContaining("one effect per id");
        }

        @Test
        void haveNoGapsInSequencesOrVersions() {
            Entry wrongSequence = write(3, 1, operationId(1), 5, 0);
            append(wrongSequence, 12, 13);
            assertThatThrownBy(() -> durable(wrongSequence, 1, 0, 1))
                    .hasMessageContaining("gapless sequences");
        }

        @Test
        void keepConditions() {
            UUID id = new UUID(3, 3);
            checker.ledger()
                    .open(
                            PARTITION,
                            "s",
                            List.of(Samples.event(id, "s")),
                            List.of(new StreamCondition(STREAM, new Expectation.ExactVersion(4))));
            Entry entry = write(3, 1, id, 0, 0);
            append(entry, 12, 13);

            assertThatThrownBy(() -> durable(entry, 1, 0, 1))
                    .hasMessageContaining("conditions hold");
        }
    }

    @Nested
    class Watermarks {
        @Test
        void nameChosenEntries() {
            publish(2, 1, -1);

            append(write(3, 1, operationId(1), 0, 0), 12, 13);
            chains[3] = 13;
            assertThatThrownBy(() -> publish(3, 1, 0))
                    .hasMessageContaining("readers see only confirmed events");
        }

        @Test
        void coverTheChosenLogOnly() {
            chains[2] = 99;

            assertThatThrownBy(() -> publish(2, 1, -1)).hasMessageContaining("replicas are equal");
        }

        @Test
        void neverGoBack() {
            publish(2, 1, -1);

            assertThatThrownBy(() -> publish(1, 1, -1))
                    .hasMessageContaining("watermarks never go back");
        }
    }

    @Nested
    class Promises {
        @Test
        void areKept() {
            Run other = new Run(new NodeId("n1"), 5);
            checker.onHardState(0, PARTITION, Samples.storageId(0), new HardState(6, RUN, 0));
            checker.onHardState(0, PARTITION, Samples.storageId(0), new HardState(6, RUN, 0));

            assertThatThrownBy(() ->
                            checker.onHardState(
                                    0, PARTITION, Samples.storageId(0), new HardState(6, other, 0)))
                    .hasMessageContaining("one promise per epoch");
        }
    }

    @Nested
    class Answers {
        private final UUID id = new UUID(4, 4);
        private final Operation operation = operation(id);

        private AppendResult.Appended appended(long sequence, boolean duplicate) {
            return new AppendResult.Appended(
                    PARTITION,
                    0,
                    sequence,
                    sequence,
                    List.of(new StreamVersions(STREAM, sequence, sequence)),
                    duplicate);
        }

        private void choose() {
            Entry entry = write(3, 1, id, 0, 0);
            append(entry, 12, 13);
            durable(entry, 1, 0, 1);
            chains[3] = 13;
        }

        private void answer(AppendResult result) {
            checker.onResult(operation, checker.onAttempt(operation, 0), result);
        }

        @Test
        void acknowledgeWhatIsChosen() {
            assertThatThrownBy(() -> answer(appended(0, false)))
                    .hasMessageContaining("acknowledged means durable");
        }

        @Test
        void nameTheFirstResult() {
            choose();
            answer(appended(0, false));

            assertThatThrownBy(() -> answer(appended(1, true)))
                    .hasMessageContaining("a repeat gets the first result");
        }

        @Test
        void refuseOnlyWhatNeverHappens() {
            answer(new AppendResult.QuorumUnavailable(PARTITION, 2, 1));

            assertThatThrownBy(this::choose).hasMessageContaining("refused means nothing happened");
        }

        @Test
        void mayLeaveTheOutcomeOpen() {
            answer(
                    new AppendResult.Indeterminate(
                            PARTITION, AppendResult.Indeterminate.Cause.TIMEOUT));
            choose();

            assertThat(operation.chosen()).isNotNull();
        }

        @Test
        void reportConflictsThatWereTrue() {
            choose();
            publish(3, 1, 0);
            StreamCondition none = new StreamCondition(STREAM, new Expectation.NoStream());
            Operation late =
                    checker.ledger()
                            .open(
                                    PARTITION,
                                    "s",
                                    List.of(Samples.event(new UUID(5, 5), "s")),
                                    List.of(none));
            checker.onResult(
                    late,
                    checker.onAttempt(late, 0),
                    new AppendResult.VersionConflict(PARTITION, STREAM, none.expect(), 0));

            assertThatThrownBy(() ->
                            checker.onResult(
                                    late,
                                    checker.onAttempt(late, 0),
                                    new AppendResult.VersionConflict(
                                            PARTITION, STREAM, none.expect(), 7)))
                    .hasMessageContaining("conflicts are true");
        }
    }
}
