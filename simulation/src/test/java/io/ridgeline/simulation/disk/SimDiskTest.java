package io.ridgeline.simulation.disk;

import static io.ridgeline.simulation.Samples.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.simulation.Samples;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogState;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimDiskTest {
    private static final NodeId NODE = new NodeId("n0");

    private static final DiskObserver NOBODY =
            new DiskObserver() {
                @Override
                public void onAppended(
                        int node,
                        PartitionId partition,
                        Entry entry,
                        long previousChain,
                        long chain) {}

                @Override
                public void onDurable(
                        int node,
                        PartitionId partition,
                        UUID storageId,
                        Entry entry,
                        long chain,
                        long promisedEpoch) {}

                @Override
                public void onHardState(
                        int node, PartitionId partition, UUID storageId, HardState hardState) {}

                @Override
                public void onTruncated(
                        int node,
                        PartitionId partition,
                        UUID storageId,
                        @Nullable Entry firstDropped) {}

                @Override
                public void onShortLog(
                        int node, PartitionId partition, LogPosition watermark, long lastIndex) {}
            };

    private SimDisk disk = disk(1);

    private static SimDisk disk(long seed, DiskRule... broken) {
        Set<DiskRule> rules = EnumSet.noneOf(DiskRule.class);
        rules.addAll(java.util.List.of(broken));
        return new SimDisk(0, NODE, new Seeded(seed), NOBODY, rules);
    }

    private static void append(PartitionLog log, long epoch, int count) {
        for (int i = 0; i < count; i++) {
            log.append(Samples.epochStart(log.state().last().index() + 1, epoch, 0));
        }
    }

    private LogState reopened() {
        return new SimBucket(disk).open(PARTITION).state();
    }

    @Nested
    class AProcessCrash {
        @Test
        void keepsThePageCacheWhichCountsOnceItIsSyncedAgain() {
            SimBucket bucket = new SimBucket(disk);
            append(bucket.open(PARTITION), 1, 3);

            assertThat(reopened().durable()).isEqualTo(new LogPosition(3, 1));

            disk.loseUnsynced();
            assertThat(reopened().last()).isEqualTo(new LogPosition(3, 1));
        }
    }

    @Nested
    class APowerCut {
        @Test
        void keepsWhatWasSyncedAndAPrefixOfTheRest() {
            boolean partly = false;
            for (int seed = 0; seed < 50; seed++) {
                disk = disk(seed);
                SimBucket bucket = new SimBucket(disk);
                PartitionLog log = bucket.open(PARTITION);
                append(log, 1, 3);
                bucket.sync();
                append(log, 1, 5);
                disk.loseUnsynced();

                long last = reopened().last().index();
                assertThat(last).isBetween(3L, 8L);
                partly |= last > 3 && last < 8;
            }
            assertThat(partly).isTrue();
        }
    }

    @Nested
    class ASyncThatCompletesAfterATruncation {
        private LogState after(DiskRule... broken) {
            disk = disk(1, broken);
            SimBucket bucket = new SimBucket(disk);
            PartitionLog log = bucket.open(PARTITION);
            append(log, 1, 3);
            int mark = bucket.beginSync();
            log.truncateAfter(1);
            append(log, 2, 2);
            bucket.completeSync(mark);
            return log.state();
        }

        @Test
        void saysNothingAboutTheSuccessors() {
            assertThat(after().durable()).isEqualTo(new LogPosition(1, 1));
        }

        @Test
        void isTakenForThemWithoutTheRule() {
            assertThat(after(DiskRule.DURABLE_FOLLOWS_TRUNCATION).durable())
                    .isEqualTo(new LogPosition(3, 2));
        }
    }

    @Nested
    class Damage {
        @Test
        void atOrBelowTheWatermarkIsRepaired() {
            SimBucket bucket = new SimBucket(disk);
            PartitionLog log = bucket.open(PARTITION);
            append(log, 1, 4);
            bucket.sync();
            log.confirm(new LogPosition(3, 1));
            bucket.maintain();
            disk.damage(PARTITION, 0.4, 3);

            PartitionLog again = new SimBucket(disk).open(PARTITION);
            assertThat(again.state().condition()).isInstanceOf(Condition.Damaged.class);
            assertThatThrownBy(() -> again.reader().entries(1, 4, 1_000_000))
                    .isInstanceOf(StorageException.class);

            assertThat(again.repair(Samples.epochStart(2, 1, 0))).isTrue();
            assertThat(again.state().condition()).isEqualTo(new Condition.Clean());
            assertThat(again.reader().entries(1, 4, 1_000_000)).hasSize(4);
        }

        @Test
        void thatMayHaveBeenAcknowledgedMakesBlank() {
            SimBucket bucket = new SimBucket(disk);
            PartitionLog log = bucket.open(PARTITION);
            append(log, 1, 4);
            bucket.sync();
            UUID before = log.state().storageId();
            disk.damage(PARTITION, 0.99, Long.MAX_VALUE);

            LogState state = reopened();
            assertThat(state.condition()).isInstanceOf(Condition.Blank.class);
            assertThat(state.storageId()).isNotEqualTo(before);
            assertThat(state.hardState().promisedEpoch()).isZero();
        }

        @Test
        void ofOneCopyOfTheHardStateForgetsNothing() {
            saveTwoPromises();
            disk.damageHardState(PARTITION, true);

            assertThat(reopened().hardState().promisedEpoch()).isEqualTo(6);
        }

        @Test
        void ofBothCopiesMakesBlank() {
            saveTwoPromises();
            disk.damageHardState(PARTITION, true);
            disk.damageHardState(PARTITION, false);

            assertThat(reopened().condition()).isInstanceOf(Condition.Blank.class);
        }

        @Test
        void letsAnOlderCopyStandInWithoutTheRule() {
            disk = disk(1, DiskRule.HARD_STATE_IS_NEWEST);
            saveTwoPromises();
            disk.damageHardState(PARTITION, true);

            assertThat(reopened().hardState().promisedEpoch()).isEqualTo(5);
        }

        private void saveTwoPromises() {
            SimBucket bucket = new SimBucket(disk);
            PartitionLog log = bucket.open(PARTITION);
            log.saveHardState(new HardState(5, new Run(NODE, 1), 0));
            bucket.sync();
            log.saveHardState(new HardState(6, new Run(NODE, 1), 0));
            bucket.sync();
        }
    }

    @Nested
    class AFailedSync {
        @Test
        void stopsTheBucket() {
            SimBucket bucket = new SimBucket(disk);
            PartitionLog log = bucket.open(PARTITION);
            append(log, 1, 1);
            disk.failNextSync(true);

            assertThatThrownBy(bucket::sync).isInstanceOf(StorageException.class);
            assertThatThrownBy(() -> append(log, 1, 1)).isInstanceOf(StorageException.class);
        }
    }

    @Test
    void aWipedDiskHasANewStorageId() {
        UUID before = new SimBucket(disk).open(PARTITION).state().storageId();
        disk.wipe();

        assertThat(reopened().storageId()).isNotEqualTo(before);
    }

    @Test
    void theSavedWatermarkIsWithinWhatIsDurable() {
        SimBucket bucket = new SimBucket(disk);
        PartitionLog log = bucket.open(PARTITION);
        append(log, 1, 2);
        bucket.sync();
        append(log, 1, 2);
        log.confirm(new LogPosition(4, 1));
        bucket.maintain();

        assertThat(disk.savedWatermark(PARTITION)).isZero();
        bucket.sync();
        bucket.maintain();
        assertThat(disk.savedWatermark(PARTITION)).isEqualTo(4);
    }
}
