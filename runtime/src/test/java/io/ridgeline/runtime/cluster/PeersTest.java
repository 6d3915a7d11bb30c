package io.ridgeline.runtime.cluster;

import static io.ridgeline.runtime.cluster.FoundingTest.THREE;
import static io.ridgeline.runtime.cluster.FoundingTest.founding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.config.ConfigurationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// We are `n1` of `n1`, `n2`, `n3`.
class PeersTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);
    private static final Founding OTHER = founding("ridgeline", 16, 1, 3, "n1", "n2", "n3");

    private final Map<NodeId, Hello> sent = new TreeMap<>();
    private final List<ConfigurationException> ends = new ArrayList<>();

    private Peers peers(Founding wanted) {
        Peers peers =
                new Peers(
                        hello("n1", wanted, null),
                        wanted,
                        (to, message) -> sent.put(to, Hello.decode(message)));
        peers.members(List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3")));
        peers.onOutvoted(ends::add);
        return peers;
    }

    private static Hello hello(String node, Founding founding, @Nullable ClusterRecord record) {
        return hello(node, ProtocolVersions.FIRST, founding, record);
    }

    private static Hello hello(
            String node,
            ProtocolVersions versions,
            Founding founding,
            @Nullable ClusterRecord record) {
        return new Hello(new Run(new NodeId(node), 7), node + ":8080", versions, founding, record);
    }

    private Optional<ClusterRecord> sentRecord(String node) {
        return Optional.ofNullable(sent.get(new NodeId(node))).map(Hello::record);
    }

    private static void forming(Peers peers, String node, Founding founding) {
        peers.onHello(new NodeId(node), hello(node, founding, null));
    }

    private static void recorded(Peers peers, String node, Founding founding) {
        peers.onHello(new NodeId(node), hello(node, founding, ClusterRecord.initial(founding)));
    }

    @Nested
    class ANodeWithAnEmptyDisk {

        @Test
        void takesTheRecordThatAPeerHas() throws Exception {
            Peers peers = peers(THREE);
            recorded(peers, "n3", THREE);
            assertThat(peers.awaitRecord(LONG).orElseThrow().record())
                    .isEqualTo(ClusterRecord.initial(THREE));
        }

        @Test
        void foundsTheClusterAsSoonAsAllHaveSaidThatTheyHaveNone() throws Exception {
            Peers peers = peers(THREE);
            CompletableFuture<Boolean> founds =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return peers.awaitRecord(LONG).isEmpty();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            forming(peers, "n2", THREE);
            assertThat(founds).isNotDone();
            forming(peers, "n3", THREE);
            assertThat(founds.get(30, TimeUnit.SECONDS)).isTrue();
        }

        @Test
        void foundsItWhenNobodyAnswersInTime() throws Exception {
            assertThat(peers(THREE).awaitRecord(1)).isEmpty();
        }

        @Test
        void refusesARecordThatItsConfigurationContradicts() {
            Peers peers = peers(OTHER);
            recorded(peers, "n2", THREE);
            assertThatThrownBy(() -> peers.awaitRecord(LONG))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("ridgeline.partitions = \"16\": expected 32")
                    .hasMessageContaining("n2");
        }

        @Test
        void foundsNothingThatTheMostContradict() {
            Peers peers = peers(OTHER);
            forming(peers, "n2", THREE);
            forming(peers, "n3", THREE);
            assertThatThrownBy(() -> peers.awaitRecord(LONG))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("partitions 16 here and 32 there");
        }

        @Test
        void foundsWithTheMostWhateverOneSays() throws Exception {
            Peers peers = peers(THREE);
            forming(peers, "n2", OTHER);
            forming(peers, "n3", THREE);
            assertThat(peers.awaitRecord(LONG)).isEmpty();
        }
    }

    @Nested
    class ANodeWithARecord {

        @Test
        void tellsItOnEveryConnection() {
            Peers peers = peers(THREE);
            peers.onConnected(new NodeId("n2"));
            assertThat(sentRecord("n2")).isEmpty();
            peers.founded(ClusterRecord.initial(THREE));
            assertThat(sent).containsOnlyKeys(new NodeId("n2"), new NodeId("n3"));
            assertThat(sentRecord("n2")).contains(ClusterRecord.initial(THREE));
            assertThat(sentRecord("n3")).contains(ClusterRecord.initial(THREE));
            sent.clear();
            peers.onConnected(new NodeId("n3"));
            assertThat(sentRecord("n3")).contains(ClusterRecord.initial(THREE));
        }

        @Test
        void goesOnWhenOneContradictsIt() {
            Peers peers = peers(THREE);
            peers.founded(ClusterRecord.initial(THREE));
            recorded(peers, "n2", OTHER);
            recorded(peers, "n3", THREE);
            assertThat(ends).isEmpty();
        }

        @Test
        void endsWhenTheMostContradictIt() {
            Peers peers = peers(OTHER);
            peers.founded(ClusterRecord.initial(OTHER));
            recorded(peers, "n2", THREE);
            assertThat(ends).isEmpty();
            recorded(peers, "n3", THREE);
            assertThat(ends)
                    .singleElement()
                    .satisfies(end ->
                            assertThat(end)
                                    .hasMessageContaining("partitions 16 here and 32 there"));
        }

        @Test
        void forgetsAContradictionThatIsMended() {
            Peers peers = peers(THREE);
            peers.founded(ClusterRecord.initial(THREE));
            recorded(peers, "n2", OTHER);
            recorded(peers, "n2", THREE);
            recorded(peers, "n3", OTHER);
            assertThat(ends).isEmpty();
        }

        @Test
        void takesNoAnotherNodesWord() {
            Peers peers = peers(THREE);
            peers.onHello(new NodeId("n2"), hello("n3", OTHER, null));
            assertThat(peers.clientAddress(new NodeId("n2"))).isEmpty();
            assertThat(peers.clientAddress(new NodeId("n3"))).isEmpty();
        }
    }

    @Nested
    class ANodeOfOtherProtocolVersions {
        private static final NodeId SECOND = new NodeId("n2");

        private void heard(Peers peers, String node, int min, int max) {
            peers.onHello(
                    new NodeId(node),
                    hello(node, new ProtocolVersions(min, max), THREE, null).encode());
        }

        @Test
        void isSpokenWithInAVersionThatBothSpeak() {
            Peers peers = peers(THREE);
            heard(peers, "n2", 1, 3);
            assertThat(peers.isForeign(SECOND)).isFalse();
            assertThat(peers.versions(SECOND)).contains(new ProtocolVersions(1, 3));
            assertThat(peers.clientAddress(SECOND)).isEqualTo("n2:8080");
        }

        @Test
        void isNotSpokenWithIfThereIsNoneUntilItComesWithOne() {
            Peers peers = peers(THREE);
            heard(peers, "n2", 7, 9);
            assertThat(peers.isForeign(SECOND)).isTrue();
            assertThat(peers.versions(SECOND)).contains(new ProtocolVersions(7, 9));
            assertThat(peers.clientAddress(SECOND)).isEmpty();
            assertThat(ends).isEmpty();

            heard(peers, "n2", 1, 1);
            assertThat(peers.isForeign(SECOND)).isFalse();
            assertThat(peers.clientAddress(SECOND)).isEqualTo("n2:8080");
        }

        @Test
        void isRefusedWhateverItsFactsLookLike() {
            Peers peers = peers(THREE);
            ByteBuffer later = hello("n2", new ProtocolVersions(2, 2), THREE, null).encode();
            int facts = later.remaining() - THREE.encode().remaining() - 3;
            later.put(facts, (byte) 99);
            assertThatThrownBy(() -> Hello.decode(later))
                    .isInstanceOf(MalformedMessageException.class);
            peers.onHello(SECOND, later);
            assertThat(peers.isForeign(SECOND)).isTrue();
        }

        @Test
        void endsTheNodeThatSharesNoneWithTheMost() throws Exception {
            Peers peers = peers(THREE);
            heard(peers, "n2", 7, 9);
            heard(peers, "n3", 8, 8);
            assertThat(ends)
                    .singleElement()
                    .satisfies(end ->
                            assertThat(end)
                                    .hasMessageContaining("this node speaks protocol versions 1 ")
                                    .hasMessageContaining("node n2 speaks 7 to 9, node n3 speaks 8")
                                    .hasMessageContaining("start a release of Ridgeline here")
                                    .hasMessageContaining("docs/operations.md"));
            assertThatThrownBy(() -> peers.awaitRecord(LONG))
                    .isInstanceOf(ConfigurationException.class);
        }

        @Test
        void countsTogetherWithThoseThatContradict() {
            Peers peers = peers(THREE);
            heard(peers, "n2", 7, 9);
            forming(peers, "n3", OTHER);
            assertThat(ends)
                    .singleElement()
                    .satisfies(end -> assertThat(end).hasMessageContaining("partitions 32 here"));
        }

        @Test
        void isForgottenOnceItHasGone() {
            Peers peers = peers(THREE);
            heard(peers, "n2", 7, 9);
            peers.members(List.of(new NodeId("n1"), new NodeId("n3")));
            assertThat(peers.isForeign(SECOND)).isFalse();
            assertThat(peers.versions(SECOND)).isEmpty();
        }
    }

    @Nested
    class AMemberThatComesLater {
        private static final NodeId FOURTH = new NodeId("n4");
        private static final List<NodeId> FOUR =
                List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"), FOURTH);

        @Test
        void isToldOfTheRecordAndIsNotWaitedFor() throws Exception {
            Peers peers = peers(THREE);
            peers.members(FOUR);
            forming(peers, "n2", THREE);
            forming(peers, "n3", THREE);
            assertThat(peers.awaitRecord(LONG)).isEmpty();
            peers.founded(ClusterRecord.initial(THREE));
            assertThat(sentRecord("n4")).contains(ClusterRecord.initial(THREE));
        }

        @Test
        void countsAmongThoseThatContradict() {
            Peers peers = peers(THREE);
            peers.founded(ClusterRecord.initial(THREE));
            peers.members(FOUR);
            recorded(peers, "n2", OTHER);
            recorded(peers, "n4", OTHER);
            assertThat(ends).isEmpty();
            recorded(peers, "n3", OTHER);
            assertThat(ends).hasSize(1);
        }

        @Test
        void isForgottenOnceItHasGone() {
            Peers peers = peers(THREE);
            peers.members(FOUR);
            forming(peers, "n4", THREE);
            assertThat(peers.clientAddress(FOURTH)).isEqualTo("n4:8080");
            peers.members(FOUR.subList(0, 3));
            assertThat(peers.clientAddress(FOURTH)).isEmpty();
        }
    }

    @Test
    void clientsAreToldWhereNodesAre() {
        Peers peers = peers(THREE);
        forming(peers, "n2", THREE);
        assertThat(peers.clientAddress(new NodeId("n1"))).isEqualTo("n1:8080");
        assertThat(peers.clientAddress(new NodeId("n2"))).isEqualTo("n2:8080");
        assertThat(peers.clientAddress(new NodeId("n3"))).isEmpty();
    }

    @Test
    void aHelloIsWrittenInTheseBytes() {
        Founding founding = founding("c", 2, 2, 2, "a", "b");
        ByteBuffer encoded = hello("a", founding, null).encode();
        assertThat(Hello.isOne(encoded)).isTrue();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.duplicate().get(bytes);
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(
                        "5201"
                                + "0161"
                                + "0000000000000007"
                                + "06613a38303830"
                                + "0d"
                                + "01016302020202016100016200"
                                + "00"
                                + "0101");
        assertThat(Hello.decode(encoded)).isEqualTo(hello("a", founding, null));
    }

    @Test
    void aHelloOfALaterVersionIsRefusedAndWhatFollowsTheKnownFieldsIsSkipped() {
        ByteBuffer encoded = hello("a", THREE, ClusterRecord.initial(THREE)).encode();
        ByteBuffer longer = ByteBuffer.allocate(encoded.remaining() + 3).put(encoded.duplicate());
        ByteBuffer shorter = encoded.duplicate();
        shorter.limit(shorter.limit() - 2);
        assertThat(Hello.decode(shorter))
                .as("without versions")
                .isEqualTo(hello("a", THREE, ClusterRecord.initial(THREE)));
        assertThat(Hello.decode(longer.rewind()))
                .isEqualTo(hello("a", THREE, ClusterRecord.initial(THREE)));
        longer.put(1, (byte) 2);
        assertThatThrownBy(() -> Hello.decode(longer))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("version 2");
    }
}
