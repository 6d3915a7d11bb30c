package io.ridgeline.engine.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.MemoryBucket;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Who counts: against a slow count that asks of each index whether enough hold it.
class MembershipsTest {
    private static final PartitionId P = new PartitionId(1);

    private static NodeId node(int i) {
        return new NodeId("n" + i);
    }

    private static UUID disk(int i) {
        return new UUID(0, i);
    }

    private static Configuration configuration(int write, int takeover, int... disks) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < disks.length; i++) {
            members.add(new Member(node(i), disk(disks[i])));
        }
        return new Configuration(members, new Quorum(disks.length, write, takeover), 1);
    }

    private static Memberships read(Rules rules, long watermark, Object... entries) {
        PartitionLog log = new MemoryBucket(1).open(P);
        for (int i = 0; i < entries.length; i++) {
            ByteBuffer payload =
                    entries[i] instanceof Configuration configuration
                            ? configuration.encode()
                            : new EpochStart(new Run(node(0), 5), EpochStart.Reason.TAKEOVER)
                                    .encode();
            EntryKind kind =
                    entries[i] instanceof Configuration
                            ? EntryKind.CONFIGURATION
                            : EntryKind.EPOCH_START;
            log.append(Entry.of(P, new LogPosition(i + 1, 1), kind, payload));
        }
        Memberships memberships = new Memberships(rules);
        memberships.read(log, watermark, entries.length);
        return memberships;
    }

    private static Tally tally(long... byDisk) {
        return (node, storageId) -> {
            int disk = (int) storageId.getLeastSignificantBits();
            return disk < byDisk.length ? byDisk[disk] : -1;
        };
    }

    @Nested
    class OneConfiguration {
        @Test
        void confirmsWhatWriteQuorumHolds() {
            for (int replicas = 1; replicas <= 7; replicas++) {
                for (int write = 1; write <= replicas; write++) {
                    Quorum quorum = Quorum.forWrite(replicas, write);
                    int[] disks = new int[replicas];
                    long[] held = new long[replicas];
                    for (int i = 0; i < replicas; i++) {
                        disks[i] = i;
                        held[i] = 10L * (i + 1);
                    }
                    Memberships one =
                            read(Rules.ALL, 1, configuration(write, quorum.takeover(), disks));
                    assertThat(one.confirmedIndex(tally(held)))
                            .as("%s of %s", quorum, Arrays.toString(held))
                            .isEqualTo(held[replicas - write]);
                }
            }
        }

        @Test
        void countsNoDiskThatItDoesNotName() {
            Memberships one = read(Rules.ALL, 1, configuration(2, 2, 0, 1, 2));

            assertThat(one.confirmedIndex(tally(5, -1, -1, 9))).isEqualTo(-1);
            assertThat(one.holdsTakeover(tally(0, -1, 0))).isTrue();
            assertThat(one.holdsTakeover(tally(0, -1, -1, 0))).isFalse();
        }
    }

    @Nested
    class AReadmission {
        private final Memberships both =
                read(
                        Rules.ALL,
                        2,
                        configuration(2, 2, 0, 1, 2),
                        "start",
                        configuration(2, 2, 0, 1, 3));

        @Test
        void needsTakeoverMeetersOfTheOldWithoutTheNewDisk() {
            // The coordinator and the new disk hold it: two in all, but one of the old.
            assertThat(both.confirmedIndex(tally(3, -1, -1, 3))).isEqualTo(-1);
            assertThat(both.confirmedIndex(tally(3, 3, -1, -1))).isEqualTo(3);
        }

        @Test
        void leavesWhatIsBeforeItToBoth() {
            assertThat(both.confirmedIndex(tally(2, -1, 2, 2))).isEqualTo(2);
            assertThat(both.confirmedIndex(tally(2, -1, -1, 2))).isEqualTo(-1);
        }

        @Test
        void needsPromisesOfBothUntilItIsKnownToBeConfirmed() {
            assertThat(both.holdsTakeover(tally(0, -1, -1, 0))).isFalse();
            both.confirm(3);
            assertThat(both.holdsTakeover(tally(0, -1, -1, 0))).isTrue();
        }

        @Test
        void namesBothDisksUntilItIsConfirmed() {
            assertThat(both.names(node(2), disk(2))).isTrue();
            assertThat(both.names(node(2), disk(3))).isTrue();
            assertThat(both.confirmedNames(node(2), disk(3), 2)).isFalse();
            assertThat(both.confirm(3)).isTrue();
            assertThat(both.names(node(2), disk(2))).isFalse();
            assertThat(both.confirmedNames(node(2), disk(3), 3)).isTrue();
        }
    }

    @Nested
    class AConfigurationThatIsFollowedByAnother {
        private final Memberships repeated =
                read(
                        Rules.ALL,
                        0,
                        configuration(2, 2, 0, 1, 2),
                        "start",
                        configuration(2, 2, 0, 1, 3),
                        configuration(2, 2, 0, 1, 3));

        @Test
        void isConfirmedWhateverIsKnownOfTheWatermark() {
            assertThat(repeated.proven()).isEqualTo(3);
            assertThat(repeated.holdsTakeover(tally(0, -1, -1, 0))).isTrue();
            assertThat(repeated.names(node(2), disk(2))).isFalse();
        }

        @Test
        void isRepeatedIfTheOtherSaysTheSame() {
            Configuration first = configuration(2, 2, 0, 1, 2);
            Configuration next = configuration(2, 2, 0, 1, 3);

            assertThat(repeated.isRepeated()).isTrue();
            assertThat(read(Rules.ALL, 3, first, "start", next).isRepeated()).isFalse();
            assertThat(read(Rules.ALL, 3, first, "start", next).proven()).isEqualTo(1);
        }

        @Test
        void needsNoRepetitionIfThereIsOnlyOne() {
            Memberships one = read(Rules.ALL, 0, configuration(2, 2, 0, 1, 2));

            assertThat(one.isRepeated()).isTrue();
            assertThat(one.proven()).isZero();
            assertThat(new Memberships(Rules.ALL).isRepeated()).isTrue();
        }
    }

    @Nested
    class AQuorumChange {
        @Test
        void isCountedByBothForRoundsAndPolls() {
            Memberships both =
                    read(
                            Rules.ALL,
                            2,
                            configuration(1, 3, 0, 1, 2),
                            "start",
                            configuration(2, 2, 0, 1, 2));

            assertThat(both.writeRound(tally(7, 6, 5))).isEqualTo(6);
            assertThat(both.holdsTakeover(tally(0, 0, -1))).isFalse();
            assertThat(both.holdsPoll(tally(0, 0, -1), tally(0, 0, 0))).isFalse();
            assertThat(both.holdsPoll(tally(0, 0, 0), tally(0, 0, 0))).isTrue();
        }

        @Test
        void isUsedAloneOnlyByABrokenEngine() {
            Memberships alone =
                    read(
                            Rules.without(Rule.JOINT_COUNT),
                            2,
                            configuration(1, 3, 0, 1, 2),
                            "start",
                            configuration(2, 2, 0, 1, 2));

            assertThat(alone.holdsTakeover(tally(0, 0, -1))).isTrue();
        }
    }

    @Nested
    class APayload {
        @Test
        void isReadAsItWasWritten() {
            Configuration configuration = configuration(2, 2, 4, 5, 6);

            assertThat(Configuration.decode(configuration.encode())).isEqualTo(configuration);
            EpochStart start = new EpochStart(new Run(node(1), 77), EpochStart.Reason.PLACED);
            assertThat(EpochStart.decode(start.encode())).isEqualTo(start);
        }

        @Test
        void ofALaterVersionIsRefused() {
            ByteBuffer payload = configuration(1, 1, 0).encode();
            payload.put(0, (byte) 2);

            assertThatThrownBy(() -> Configuration.decode(payload))
                    .isInstanceOf(MalformedMessageException.class)
                    .hasMessageContaining("configuration version 2, known is 1");
        }
    }
}
