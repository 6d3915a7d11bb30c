package io.ridgeline.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.config.ConfigurationException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class DevFolderTest {
    @TempDir Path folder;

    @Test
    void everyNodeKnowsAllMembersByTheIdentityThatIsInItsFolder() throws IOException {
        List<DevNode> nodes = prepare("--nodes", "3", "--base-port", "7000");

        assertThat(nodes).extracting(DevNode::name).containsExactly("n1", "n2", "n3");
        assertThat(nodes).extracting(DevNode::port).containsExactly(7000, 7010, 7020);
        assertThat(nodes).extracting(DevNode::clusterPort).containsExactly(7002, 7012, 7022);
        List<String> members = nodes.stream().map(DevFolderTest::members).distinct().toList();
        assertThat(members).hasSize(1);
        assertThat(members.getFirst().split(",")).hasSize(3);
        assertThat(nodes)
                .allSatisfy(node ->
                        assertThat(node.data().resolve("transport-libp2p/identity.key"))
                                .isRegularFile());
    }

    @Test
    void aSecondStartKeepsPortsAndIdentities() throws IOException {
        List<DevNode> first = prepare("--nodes", "2", "--base-port", "0");
        String members = members(first.getFirst());

        assertThat(prepare()).isEqualTo(first);
        assertThat(members(first.getFirst())).isEqualTo(members);
    }

    @Test
    void whatWasSetOnceHoldsForLaterStartsUntilItIsSetAnew() throws IOException {
        prepare("--base-port", "0", "-Dridgeline.partitions=4", "-Dridgeline.log.level=DEBUG");

        assertThat(prepare("-Dridgeline.log.level=WARN").getFirst().settings())
                .containsEntry("ridgeline.partitions", "4")
                .containsEntry("ridgeline.log.level", "WARN");
    }

    @Test
    void otherPortsMayBeAskedForLater() throws IOException {
        prepare("--nodes", "2", "--base-port", "0");

        assertThat(prepare("--base-port", "7000").getFirst().port()).isEqualTo(7000);
    }

    @Test
    void anotherNumberOfNodesIsRefused() throws IOException {
        prepare("--nodes", "2", "--base-port", "0");

        assertThatThrownBy(() -> prepare("--nodes", "3"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has 2 nodes");
    }

    @Test
    void aKeyThatDoesNotExistIsRefusedBeforeAnythingStarts() {
        assertThatThrownBy(() -> prepare("-Dridgeline.partitons=4"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("did you mean ridgeline.partitions?");
    }

    private List<DevNode> prepare(String... arguments) throws IOException {
        List<String> all =
                Stream.concat(Stream.of(arguments), Stream.of("--data", folder.toString()))
                        .toList();
        return new DevFolder(DevLine.parse(all), folder).prepare();
    }

    private static String members(DevNode node) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(node.config())) {
            properties.load(reader);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return properties.getProperty("ridgeline.topology.static.members");
    }
}
