package io.ridgeline.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.event.Slots;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.LogBucket;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeMemoryTest {
    private final Small storage = new Small();

    /// Keeps small values only.
    private static final class Small implements EventStorage {
        private final Map<String, ByteBuffer> values = new TreeMap<>();

        @Override
        public LogBucket bucket(int bucket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<ByteBuffer> read(String name) {
            return Optional.ofNullable(values.get(name)).map(ByteBuffer::duplicate);
        }

        @Override
        public void write(String name, ByteBuffer value) {
            values.put(name, ByteBuffer.allocate(value.remaining()).put(value.duplicate()).flip());
        }

        @Override
        public void close() {}
    }

    private NodeMemory begin(long nowMillis, Map<String, String> settings) {
        Configuration configuration =
                Configuration.of(
                        new SmallRyeConfigBuilder()
                                .withSources(new PropertiesConfigSource(settings, "test", 1))
                                .build(),
                        Map.of());
        return NodeMemory.of(storage, configuration, 2, nowMillis);
    }

    @Test
    void aRunIsYoungerThanAllBeforeItWhateverTheClockSays() {
        assertThat(begin(5_000, Map.of()).run().startedAt()).isEqualTo(5_000);
        assertThat(begin(1_000, Map.of()).run().startedAt()).isEqualTo(5_001);
        assertThat(begin(5_001, Map.of()).run().startedAt()).isEqualTo(5_002);
        assertThat(begin(9_000, Map.of()).run().startedAt()).isEqualTo(9_000);
    }

    @Test
    void theClusterIsTheSameInEveryRun() {
        UUID first = begin(1, Map.of()).cluster().clusterId();
        assertThat(begin(2, Map.of()).cluster().clusterId()).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({"node,n2,n1", "partitions,64,32", "buckets,3,1"})
    void whatTheDataWasMadeWithCannotBeChanged(String key, String wanted, String recorded) {
        begin(1, Map.of());
        assertThatThrownBy(() -> begin(2, Map.of("ridgeline." + key, wanted)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ridgeline." + key)
                .hasMessageContaining("\"" + wanted + "\"")
                .hasMessageContaining("expected " + recorded);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 32, 4_096})
    void everySlotHasAPartitionAndAllPartitionsAboutEquallyMany(int partitions) {
        ClusterRecord made = ClusterRecord.initial(new UUID(1, 2), "n1", partitions, 2);
        ByteBuffer encoded = made.encode();
        assertThat(encoded.remaining()).isLessThan(1 << 20);
        ClusterRecord record = ClusterRecord.decode(encoded);
        assertThat(record.clusterId()).isEqualTo(new UUID(1, 2));
        assertThat(record.node()).isEqualTo("n1");
        assertThat(record.buckets()).isEqualTo(2);
        assertThat(record.bucketOfPartition()).isEqualTo(made.bucketOfPartition());
        Map<PartitionId, Integer> slots = new TreeMap<>();
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            assertThat(record.partitionOfSlot(slot)).isEqualTo(made.partitionOfSlot(slot));
            slots.merge(record.partitionOfSlot(slot), 1, Integer::sum);
        }
        assertThat(slots.keySet()).isEqualTo(record.bucketOfPartition().keySet());
        int least = Slots.COUNT / partitions;
        assertThat(slots.values()).allMatch(count -> count == least || count == least + 1);
    }

    @Test
    void aDamagedRecordIsRefused() {
        ByteBuffer encoded = ClusterRecord.initial(new UUID(1, 2), "n1", 4, 1).encode();
        for (int at = 0; at < encoded.limit(); at++) {
            ByteBuffer broken = ByteBuffer.allocate(encoded.limit()).put(encoded.duplicate());
            broken.flip().put(at, (byte) (broken.get(at) ^ 1));
            assertThatThrownBy(() -> ClusterRecord.decode(broken))
                    .as("byte %d", at)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
