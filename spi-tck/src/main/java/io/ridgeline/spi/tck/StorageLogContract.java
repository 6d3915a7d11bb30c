package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What the owner of a bucket may rely on: order, durability, truncation, hard states, storage ids.
public abstract sealed class StorageLogContract extends StorageFixture permits StorageReadContract {
    static final HardState PROMISE = new HardState(9, new Run(new NodeId("b"), 77), 2);

    StorageLogContract() {}

    @Nested
    class AnEmptyLog {
        @Test
        void saysSo() {
            assertThat(log.state().last()).isEqualTo(LogPosition.NONE);
            assertThat(log.state().durable()).isEqualTo(LogPosition.NONE);
            assertThat(log.state().watermark()).isEqualTo(LogPosition.NONE);
            assertThat(log.state().nextSequence()).isZero();
            assertThat(log.state().hardState()).isEqualTo(HardState.initial(SELF));
            assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
            assertThat(all()).isEmpty();
            assertThat(log.epochAt(0)).isZero();
            assertThat(log.epochAt(1)).isEqualTo(-1);
            assertThat(log.configuration(Long.MAX_VALUE)).isEmpty();
            assertThat(log.lastVersion(new StreamKey("s", "s"))).isEqualTo(-1);
            assertThat(log.find("s", Samples.id(1))).isEmpty();
        }

        @Test
        void isThereAgainOnceItWasSynced() {
            UUID storageId = log.state().storageId();
            bucket.sync();
            reopen();
            assertThat(bucket.partitions()).containsExactly(P);
            assertThat(log.state().storageId()).isEqualTo(storageId);
        }

        @Test
        void isOpenedOnce() {
            assertThat(bucket.open(P)).isSameAs(log);
            assertThat(storage.bucket(0)).isSameAs(bucket);
        }
    }

    @Nested
    class Order {
        @Test
        void isThatOfTheAppends() {
            List<Entry> appended = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                appended.add(append("s" + i % 7));
            }
            assertThat(Samples.bytes(all())).isEqualTo(Samples.bytes(appended));
            assertThat(log.state().last()).isEqualTo(new LogPosition(50, 1));
            assertThat(log.state().nextSequence()).isEqualTo(50);
        }

        @Test
        void isEnforced() {
            append("s");
            Entry third =
                    Entry.of(
                            P,
                            new LogPosition(3, 1),
                            EntryKind.EPOCH_START,
                            ByteBuffer.allocate(1));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> log.append(third));
            Entry other =
                    Entry.of(
                            Q,
                            new LogPosition(2, 1),
                            EntryKind.EPOCH_START,
                            ByteBuffer.allocate(1));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> log.append(other));
            Samples.append(log, P, 5, EntryKind.EPOCH_START, "five");
            Entry lowerEpoch =
                    Entry.of(
                            P,
                            new LogPosition(3, 4),
                            EntryKind.EPOCH_START,
                            ByteBuffer.allocate(1));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> log.append(lowerEpoch));
            assertThat(log.state().last()).isEqualTo(new LogPosition(2, 5));
        }

        @Test
        void isKeptPerPartition() {
            PartitionLog other = bucket.open(Q);
            for (int i = 0; i < 20; i++) {
                append("s");
                Samples.append(other, Q, 3, "s", 2);
            }
            bucket.sync();
            reopen();
            assertThat(bucket.partitions()).containsExactly(P, Q);
            assertThat(log.state().nextSequence()).isEqualTo(20);
            assertThat(bucket.open(Q).state().nextSequence()).isEqualTo(40);
            assertThat(bucket.open(Q).state().last()).isEqualTo(new LogPosition(20, 3));
        }
    }

    @Nested
    class Durability {
        @Test
        void isReportedOnlyAfterSync() {
            append("s");
            assertThat(bucket.isDirty()).isTrue();
            assertThat(log.state().durable()).isEqualTo(LogPosition.NONE);
            bucket.sync();
            assertThat(bucket.isDirty()).isFalse();
            assertThat(log.state().durable()).isEqualTo(new LogPosition(1, 1));
        }

        @Test
        void survivesReopening() {
            List<Entry> appended = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                appended.add(append("s" + i % 3));
                bucket.sync();
            }
            reopen();
            assertThat(Samples.bytes(all())).isEqualTo(Samples.bytes(appended));
            assertThat(log.state().durable()).isEqualTo(log.state().last());
            assertThat(log.state().nextSequence()).isEqualTo(30);
            assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
            assertThat(log.lastVersion(new StreamKey("s0", "s0"))).isEqualTo(9);
        }

        @Test
        void isNotPretendedForWhatAReopeningFinds() {
            append("s");
            bucket.sync();
            append("s");
            reopen();
            // The second entry may be there or not; if so, it is durable now.
            assertThat(log.state().last().index()).isBetween(1L, 2L);
            assertThat(log.state().durable()).isEqualTo(log.state().last());
        }
    }

    @Nested
    class Truncation {
        @Test
        void dropsEntriesAndWhatWasIndexedOfThem() {
            for (int i = 0; i < 10; i++) {
                append("s" + i % 2);
            }
            bucket.sync();
            log.truncateAfter(6);
            assertThat(log.state().last()).isEqualTo(new LogPosition(6, 1));
            assertThat(log.state().durable()).isEqualTo(new LogPosition(6, 1));
            assertThat(log.state().nextSequence()).isEqualTo(6);
            assertThat(all()).hasSize(6);
            assertThat(log.find("s0", Samples.id(6))).isEmpty();
            assertThat(log.find("s1", Samples.id(5))).isPresent();
            assertThat(log.lastVersion(new StreamKey("s0", "s0"))).isEqualTo(2);
            assertThat(log.epochAt(7)).isEqualTo(-1);
        }

        @Test
        void makesRoomForOthers() {
            for (int i = 0; i < 10; i++) {
                append("s");
            }
            bucket.sync();
            log.truncateAfter(4);
            Samples.append(log, P, 2, EntryKind.EPOCH_START, "two");
            Entry replaced = Samples.append(log, P, 2, "other", 3);
            bucket.sync();
            reopen();
            assertThat(log.state().last()).isEqualTo(new LogPosition(6, 2));
            assertThat(log.state().nextSequence()).isEqualTo(7);
            assertThat(Samples.bytes(log.reader().entries(6, 6, 1)))
                    .containsExactly(replaced.encoded());
            assertThat(log.epochAt(4)).isEqualTo(1);
            assertThat(log.epochAt(5)).isEqualTo(2);
            assertThat(log.lastVersion(new StreamKey("s", "s"))).isEqualTo(3);
            assertThat(log.lastVersion(new StreamKey("other", "other"))).isEqualTo(2);
        }

        @Test
        void isRefusedBelowTheWatermark() {
            for (int i = 0; i < 5; i++) {
                append("s");
            }
            bucket.sync();
            log.confirm(new LogPosition(3, 1));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> log.truncateAfter(2));
            log.truncateAfter(3);
            assertThat(log.state().last()).isEqualTo(new LogPosition(3, 1));
        }

        @Test
        void ofWhatIsNotThereIsNothing() {
            append("s");
            log.truncateAfter(1);
            log.truncateAfter(9);
            assertThat(log.state().last()).isEqualTo(new LogPosition(1, 1));
        }
    }

    @Nested
    class HardStates {
        @Test
        void areDurableAfterSync() {
            log.saveHardState(PROMISE);
            assertThat(log.state().hardState()).isEqualTo(PROMISE);
            assertThat(bucket.isDirty()).isTrue();
            bucket.sync();
            reopen();
            assertThat(log.state().hardState()).isEqualTo(PROMISE);
        }

        @Test
        void ofManyPartitionsShareASync() {
            for (int i = 100; i < 400; i++) {
                bucket.open(new PartitionId(i)).saveHardState(PROMISE);
            }
            bucket.sync();
            HardState next = new HardState(10, new Run(new NodeId("c"), 78), 2);
            for (int i = 100; i < 400; i += 2) {
                bucket.open(new PartitionId(i)).saveHardState(next);
            }
            bucket.sync();
            reopen();
            for (int i = 100; i < 400; i++) {
                assertThat(bucket.open(new PartitionId(i)).state().hardState())
                        .isEqualTo(i % 2 == 0 ? next : PROMISE);
            }
        }
    }

    @Nested
    class Watermarks {
        @Test
        void areKeptAndNeverAboveWhatIsDurable() {
            for (int i = 0; i < 5; i++) {
                append("s");
            }
            bucket.sync();
            log.confirm(new LogPosition(4, 1));
            log.confirm(new LogPosition(2, 1));
            assertThat(log.state().watermark()).isEqualTo(new LogPosition(4, 1));
            reopen();
            assertThat(log.state().watermark().index()).isBetween(0L, 4L);
            assertThat(log.state().condition()).isEqualTo(new Condition.Clean());
        }

        @Test
        void mustNameAnEntryOfTheLog() {
            append("s");
            assertThatThrownBy(() -> log.confirm(new LogPosition(1, 2)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.confirm(new LogPosition(2, 1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Formatting {
        @Test
        void makesTheReplicaBlank() {
            for (int i = 0; i < 5; i++) {
                append("s");
            }
            log.saveHardState(PROMISE);
            bucket.sync();
            confirmAll();
            UUID before = log.state().storageId();
            log.format();
            UUID after = log.state().storageId();
            assertThat(after).isNotEqualTo(before);
            assertThat(log.state().last()).isEqualTo(LogPosition.NONE);
            assertThat(log.find("s", Samples.id(1))).isEmpty();
            assertThat(log.lastVersion(new StreamKey("s", "s"))).isEqualTo(-1);
            Entry first = append("t");
            bucket.sync();
            reopen();
            assertThat(log.state().storageId()).isEqualTo(after);
            assertThat(log.state().hardState()).isEqualTo(HardState.initial(SELF));
            assertThat(Samples.bytes(all())).containsExactly(first.encoded());
            assertThat(log.find("s", Samples.id(1))).isEmpty();
        }
    }
}
