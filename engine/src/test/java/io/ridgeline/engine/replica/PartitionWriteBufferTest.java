package io.ridgeline.engine.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.Limits;
import io.ridgeline.engine.message.Header;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.spi.storage.LogPosition;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Room for four entries, or for 400 bytes.
class PartitionWriteBufferTest {
    private static final int ENTRIES_MAX = 4;
    private static final long BYTES_MAX = 400;
    private static final int SMALL = 8;

    private final PartitionWriteBuffer buffer = new PartitionWriteBuffer(limits());

    private static Limits limits() {
        Limits base = Limits.DEFAULT;
        return new Limits(
                base.pendingEntriesMax(),
                base.pendingBytesMax(),
                base.waitingMax(),
                base.forwardedMax(),
                base.transactionBytesMax(),
                base.replicateBytesMax(),
                base.windowBytesMax(),
                base.windowEntriesMax(),
                base.pageBytesMax(),
                base.bulkBytesPerTurnMax(),
                ENTRIES_MAX,
                BYTES_MAX,
                base.frameBytesMax(),
                base.digestEntriesMax(),
                base.hopsMax(),
                base.behindEntriesMax(),
                base.epochStepMax());
    }

    private static ReplicateWrite write(long previous, int entries, int payloadBytes) {
        return new ReplicateWrite(
                new Header(Samples.P, 0, 1, new UUID(1, 1)),
                new LogPosition(previous, 1),
                new LogPosition(0, 0),
                Samples.entries(previous + 1, entries, payloadBytes));
    }

    @Test
    void givesWritesOutInTheOrderOfTheLogOnceTheirTurnHasCome() {
        ReplicateWrite far = write(9, 1, SMALL);
        ReplicateWrite near = write(7, 1, SMALL);
        assertThat(buffer.isEmpty()).isTrue();
        assertThat(buffer.add(far, 0)).isTrue();
        assertThat(buffer.add(near, 0)).isTrue();

        assertThat(buffer.isEmpty()).isFalse();
        assertThat(buffer.takeUpTo(6)).isNull();
        assertThat(buffer.takeUpTo(7)).isSameAs(near);
        assertThat(buffer.takeUpTo(8)).isNull();
        assertThat(buffer.takeUpTo(20)).isSameAs(far);
        assertThat(buffer.takeUpTo(20)).isNull();
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void aWriteThatIsFullIsRefusedAndWhatIsThereStays() {
        assertThat(buffer.add(write(5, ENTRIES_MAX, SMALL), 0)).isTrue();

        assertThat(buffer.add(write(20, 1, SMALL), 0)).isFalse();

        assertThat(buffer.writes()).isEqualTo(1);
        assertThat(buffer.takeUpTo(5)).isNotNull();
    }

    @Test
    void bytesAreLimitedAsEntriesAre() {
        int most = (int) BYTES_MAX - Samples.entry(1, 0).lengthBytes();
        assertThat(buffer.add(write(5, 1, most + 1), 0)).isFalse();
        assertThat(buffer.add(write(5, 1, most), 0)).isTrue();

        assertThat(buffer.add(write(6, 1, 0), 0)).isFalse();
    }

    @Test
    void theFarthestMakeRoomForANearerOneAndOnlyAsManyAsItTakes() {
        ReplicateWrite middle = write(30, 2, SMALL);
        assertThat(buffer.add(middle, 0)).isTrue();
        assertThat(buffer.add(write(40, 2, SMALL), 0)).isTrue();

        ReplicateWrite near = write(10, 1, SMALL);
        assertThat(buffer.add(near, 0)).isTrue();

        assertThat(buffer.writes()).isEqualTo(2);
        assertThat(buffer.takeUpTo(100)).isSameAs(near);
        assertThat(buffer.takeUpTo(100)).isSameAs(middle);
        assertThat(buffer.takeUpTo(100)).isNull();
    }

    @Test
    void ofTwoWritesBehindOneEntryTheLongerStays() {
        ReplicateWrite longer = write(5, 3, SMALL);
        assertThat(buffer.add(write(5, 2, SMALL), 0)).isTrue();
        assertThat(buffer.add(longer, 0)).isTrue();
        assertThat(buffer.add(write(5, 3, SMALL), 0)).as("it is there already").isTrue();
        assertThat(buffer.add(write(5, 1, SMALL), 0)).as("more is there already").isTrue();

        assertThat(buffer.writes()).isEqualTo(1);
        // The shorter one gave its room back: one entry is left.
        assertThat(buffer.add(write(20, 2, SMALL), 0)).isFalse();
        assertThat(buffer.add(write(20, 1, SMALL), 0)).isTrue();
        assertThat(buffer.takeUpTo(5)).isSameAs(longer);
    }

    @Test
    void whatWasTakenGivesItsRoomBack() {
        assertThat(buffer.add(write(5, ENTRIES_MAX, 50), 0)).isTrue();
        assertThat(buffer.takeUpTo(5)).isNotNull();

        assertThat(buffer.add(write(15, ENTRIES_MAX, 50), 0)).isTrue();
    }

    @Test
    void whatHasWaitedForItsAgeIsDroppedAndGivesItsRoomBack() {
        assertThat(buffer.add(write(5, 2, 50), 100)).isTrue();
        assertThat(buffer.add(write(9, 2, 50), 101)).isTrue();

        assertThat(buffer.expire(149, 50)).isZero();
        assertThat(buffer.expire(150, 50)).isEqualTo(1);
        assertThat(buffer.writes()).isEqualTo(1);
        assertThat(buffer.add(write(20, 2, 50), 150)).isTrue();
        assertThat(buffer.expire(300, 50)).isEqualTo(2);
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void clearedItIsEmptyAndHasAllItsRoom() {
        assertThat(buffer.add(write(5, 1, SMALL), 0)).isTrue();
        assertThat(buffer.add(write(9, 3, SMALL), 0)).isTrue();

        assertThat(buffer.clear()).isEqualTo(2);

        assertThat(buffer.clear()).isZero();
        assertThat(buffer.add(write(15, ENTRIES_MAX, 50), 0)).isTrue();
    }
}
