package io.ridgeline.topology.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryFileTest {
    @TempDir Path folder;

    private MemoryFile file() {
        return new MemoryFile(folder.resolve("topology-gossip"), "ridgeline", new NodeId("n1"));
    }

    private Path path() {
        return Path.of(file().toString());
    }

    private Memory memory() {
        TestNode.Plan second = new TestNode.Plan("n2", folder);
        SortedMap<NodeId, SortedMap<String, String>> founders = new TreeMap<>();
        founders.put(new NodeId("n1"), new TreeMap<>(Map.of("zone", "a")));
        founders.put(new NodeId("n2"), new TreeMap<>());
        return new Memory(
                17,
                List.of(-5L, 6L),
                new TreeMap<>(Map.of("zone", "a")),
                founders,
                List.of(second.signed(second.state())));
    }

    @Test
    void givesBackWhatWasKept() {
        assertThat(file().load()).isEmpty();
        Memory kept = memory();
        file().save(kept);
        Memory loaded = file().load().orElseThrow();
        assertThat(loaded.incarnation()).isEqualTo(17);
        assertThat(loaded.vote()).isEqualTo(kept.vote());
        assertThat(loaded.labels()).isEqualTo(kept.labels());
        assertThat(loaded.founders()).isEqualTo(kept.founders());
        assertThat(loaded.others())
                .singleElement()
                .satisfies(state -> {
                    assertThat(state.bytes()).isEqualTo(kept.others().getFirst().bytes());
                    assertThat(state.signature()).isEqualTo(kept.others().getFirst().signature());
                });
    }

    @Test
    void everyDamageIsSeen() throws IOException {
        file().save(memory());
        byte[] good = Files.readAllBytes(path());
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(path(), bad);
            assertThatExceptionOfType(ConfigurationException.class)
                    .as("byte %s", i)
                    .isThrownBy(() -> file().load())
                    .withMessageContaining(path().toString())
                    .withMessageContaining("ridgeline.topology.gossip.seeds");
            byte[] cut = Arrays.copyOf(good, i);
            Files.write(path(), cut);
            assertThatExceptionOfType(ConfigurationException.class)
                    .as("cut at %s", i)
                    .isThrownBy(() -> file().load());
        }
    }

    @Test
    void ofAnotherNodeOrClusterIsNotTaken() {
        file().save(memory());
        Path home = folder.resolve("topology-gossip");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> new MemoryFile(home, "ridgeline", new NodeId("n2")).load())
                .withMessageContaining("ridgeline.node = \"n2\": expected n1");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> new MemoryFile(home, "other", new NodeId("n1")).load())
                .withMessageContaining("ridgeline.cluster = \"other\": expected ridgeline");
    }

    @Test
    void whatCannotBeWrittenLeavesWhatWasThere() throws IOException {
        file().save(memory());
        // A folder in the place of the temporary file: root may write anywhere else.
        Files.createDirectories(path().resolveSibling("members.tmp"));
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> file().save(Memory.NONE))
                .withMessageContaining(path().toString());
        assertThat(file().load().orElseThrow().incarnation()).isEqualTo(17);
    }
}
