package io.ridgeline.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Slots;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterRecordTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 32, 4_096})
    void everySlotHasAPartitionAndAllPartitionsAboutEquallyMany(int partitions) {
        Founding founding = FoundingTest.founding("c", partitions, 1, 3, "a", "b", "c", "d");
        ClusterRecord made = ClusterRecord.initial(founding);
        ByteBuffer encoded = made.encode();
        assertThat(encoded.remaining()).isLessThan(1 << 20);
        ClusterRecord record = ClusterRecord.decode(encoded);
        assertThat(record).isEqualTo(made);
        assertThat(record.clusterId()).isEqualTo(founding.clusterId());
        assertThat(record.founding()).isEqualTo(founding);
        assertThat(record.placements()).isEqualTo(made.placements()).hasSize(partitions);
        Map<PartitionId, Integer> slots = new TreeMap<>();
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            assertThat(record.partitionOfSlot(slot)).isEqualTo(made.partitionOfSlot(slot));
            slots.merge(record.partitionOfSlot(slot), 1, Integer::sum);
        }
        assertThat(slots.keySet()).isEqualTo(record.placements().keySet());
        int least = Slots.COUNT / partitions;
        assertThat(slots.values()).allMatch(count -> count == least || count == least + 1);
    }

    @Test
    void isWrittenInTheseBytes() {
        ByteBuffer encoded =
                ClusterRecord.initial(FoundingTest.founding("c", 2, 2, 2, "a", "b")).encode();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        // Magic, checksum, version; id; facts; two partitions in a bucket each; two runs of slots.
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(
                        "524c4331"
                                + "7eeddaf9"
                                + "0002"
                                + "578455eccfab377cb66cfebb58808c82"
                                + "0d"
                                + "01016302020202016100016200"
                                + "02"
                                + "00000000"
                                + "00"
                                + "020001"
                                + "00000001"
                                + "01"
                                + "020100"
                                + "02"
                                + "00000000"
                                + "808002"
                                + "00000001"
                                + "808002");
    }

    @Test
    void aDamagedRecordIsRefused() {
        ByteBuffer encoded =
                ClusterRecord.initial(FoundingTest.founding("c", 4, 1, 1, "n1")).encode();
        for (int at = 0; at < encoded.limit(); at++) {
            ByteBuffer broken = ByteBuffer.allocate(encoded.limit()).put(encoded.duplicate());
            broken.flip().put(at, (byte) (broken.get(at) ^ 1));
            assertThatThrownBy(() -> ClusterRecord.decode(broken))
                    .as("byte %d", at)
                    .isInstanceOf(MalformedMessageException.class);
        }
    }
}
