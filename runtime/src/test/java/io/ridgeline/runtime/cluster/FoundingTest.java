package io.ridgeline.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoundingTest {
    static final Founding THREE = founding("ridgeline", 32, 1, 3, "n1", "n2", "n3");

    static Founding founding(
            String cluster, int partitions, int buckets, int replicas, String... nodes) {
        return new Founding(
                cluster,
                partitions,
                buckets,
                replicas,
                Arrays.stream(nodes).map(name -> new Founder(new NodeId(name), "")).toList());
    }

    @Test
    void isWrittenInTheseBytes() {
        Founding founding =
                new Founding(
                        "c",
                        300,
                        2,
                        3,
                        List.of(
                                new Founder(new NodeId("b"), "z"),
                                new Founder(new NodeId("a"), "")));
        ByteBuffer encoded = founding.encode();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.duplicate().get(bytes);
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("010163ac0202030201610001" + "62017a");
        assertThat(Founding.decode(encoded)).isEqualTo(founding);
    }

    @Test
    void theIdOfAClusterHangsOnEveryFact() {
        assertThat(
                        List.of(
                                THREE.clusterId(),
                                founding("other", 32, 1, 3, "n1", "n2", "n3").clusterId(),
                                founding("ridgeline", 33, 1, 3, "n1", "n2", "n3").clusterId(),
                                founding("ridgeline", 32, 2, 3, "n1", "n2", "n3").clusterId(),
                                founding("ridgeline", 32, 1, 2, "n1", "n2", "n3").clusterId(),
                                founding("ridgeline", 32, 1, 3, "n1", "n2", "n4").clusterId(),
                                new Founding(
                                                "ridgeline",
                                                32,
                                                1,
                                                3,
                                                List.of(
                                                        new Founder(new NodeId("n1"), "z"),
                                                        new Founder(new NodeId("n2"), ""),
                                                        new Founder(new NodeId("n3"), "")))
                                        .clusterId()))
                .doesNotHaveDuplicates();
        assertThat(founding("ridgeline", 32, 1, 3, "n3", "n1", "n2").clusterId())
                .isEqualTo(THREE.clusterId());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 64})
    void whatIsLeftOpenIsSettledTheSameOnEveryMachineOfACluster(int processors) {
        Founding open = founding("c", 32, 0, 3, "n1", "n2", "n3");
        assertThat(open.settled(processors)).isEqualTo(founding("c", 32, 1, 3, "n1", "n2", "n3"));
    }

    @Test
    void aNodeAloneTakesWhatSuitsItsMachineAndHasOneReplica() {
        assertThat(founding("c", 32, 0, 3, "n1").settled(2))
                .isEqualTo(founding("c", 32, 1, 1, "n1"));
        assertThat(founding("c", 32, 0, 3, "n1").settled(8))
                .isEqualTo(founding("c", 32, 4, 1, "n1"));
        assertThat(founding("c", 2, 0, 3, "n1").settled(8)).isEqualTo(founding("c", 2, 2, 1, "n1"));
    }

    @Test
    void contradictionsNameTheFactAndBothSides() {
        Founding wanted = founding("other", 64, 2, 2, "n1", "n2", "n4");
        assertThat(THREE.contradictedBy(wanted))
                .containsExactly(
                        new Difference("cluster", "other", "ridgeline"),
                        new Difference("partitions", "64", "32"),
                        new Difference("buckets", "2", "1"),
                        new Difference("replicas", "2", "3"),
                        new Difference("members", "n1,n2,n4", "n1,n2,n3"));
    }

    @Test
    void laterMembersAndWhatIsLeftOpenContradictNothing() {
        assertThat(THREE.contradictedBy(founding("ridgeline", 32, 0, 5, "n1", "n2", "n3", "n4")))
                .isEmpty();
    }

    @Test
    void bytesOfALaterVersionAreRefused() {
        ByteBuffer bytes = THREE.encode().put(0, (byte) 2);
        assertThatThrownBy(() -> Founding.decode(bytes))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("version 2");
    }
}
