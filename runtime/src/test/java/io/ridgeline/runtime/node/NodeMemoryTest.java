package io.ridgeline.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.runtime.cluster.ClusterRecord;
import io.ridgeline.runtime.cluster.Founder;
import io.ridgeline.runtime.cluster.Founding;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.LogBucket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

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

    private static final Founding WANTED = founding(32, 1, "n1", "n2", "n3");

    private static Founding founding(int partitions, int replicas, String... nodes) {
        return new Founding(
                "ridgeline",
                partitions,
                1,
                replicas,
                Arrays.stream(nodes).map(name -> new Founder(new NodeId(name), "")).toList());
    }

    private NodeMemory memory() {
        return new NodeMemory(storage, Path.of("some", "data"));
    }

    private long begin(long nowMillis) {
        return memory().beginRun(new NodeId("n1"), nowMillis).startedAt();
    }

    @Test
    void aRunIsYoungerThanAllBeforeItWhateverTheClockSays() {
        assertThat(begin(5_000)).isEqualTo(5_000);
        assertThat(begin(1_000)).isEqualTo(5_001);
        assertThat(begin(5_001)).isEqualTo(5_002);
        assertThat(begin(9_000)).isEqualTo(9_000);
    }

    @Test
    void aRunIsYoungerThanAllThatWereHeardOfBeforeIt() {
        memory().heardStart(7_000);
        assertThat(begin(5_000)).isEqualTo(7_001);
        memory().heardStart(6_000);
        assertThat(begin(5_000)).isEqualTo(7_002);
    }

    @Test
    void theRecordIsTheSameInEveryRun() {
        assertThat(memory().record(WANTED)).isEmpty();
        ClusterRecord record = ClusterRecord.initial(WANTED);
        memory().save(record);
        assertThat(memory().record(WANTED)).contains(record);
    }

    @Test
    void dataOfAnotherNodeIsRefused() {
        begin(1);
        assertThatThrownBy(() -> memory().beginRun(new NodeId("n2"), 2))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ridgeline.node = \"n2\": expected n1");
    }

    @Test
    void whatTheClusterWasFoundedOnCannotBeChanged() {
        memory().save(ClusterRecord.initial(WANTED));
        refuses(founding(64, 1, "n1", "n2", "n3"), "ridgeline.partitions = \"64\": expected 32");
        refuses(founding(32, 2, "n1", "n2", "n3"), "ridgeline.replicas = \"2\": expected 1");
        refuses(
                founding(32, 1, "n1", "n2", "n4"),
                "ridgeline.topology.static.members = \"n1,n2,n4\": expected n1,n2,n3");
        assertThat(memory().record(founding(32, 1, "n1", "n2", "n3", "n4"))).isPresent();
    }

    private void refuses(Founding wanted, String message) {
        assertThatThrownBy(() -> memory().record(wanted))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
