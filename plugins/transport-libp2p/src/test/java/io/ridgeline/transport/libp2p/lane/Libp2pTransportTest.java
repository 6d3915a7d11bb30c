package io.ridgeline.transport.libp2p.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class Libp2pTransportTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");

    private final TestCluster cluster = new TestCluster(A, B, C);
    private final TestTopology topologyA = new TestTopology(cluster.view(A, B));
    private final TestTopology topologyB = new TestTopology(cluster.view(B, A));
    private final Libp2pTransport a = cluster.transport(A, topologyA);

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static ByteBuffer message(int number, int bytes) {
        return ByteBuffer.allocate(bytes).putInt(0, number);
    }

    private Libp2pTransport startBoth(Listening atA, Listening atB) {
        Libp2pTransport b = cluster.transport(B, topologyB);
        a.start(atA);
        b.start(atB);
        await().until(() -> atA.events.contains("+b") && atB.events.contains("+a"));
        return b;
    }

    @Nested
    class ASlowHandler {
        private static final int BYTES = 256 * 1024;

        @Test
        void slowsItsSenderOnItsLaneOnlyAndLosesNothingThatWasTaken() {
            Listening atB = new Listening(true, 0);
            startBoth(new Listening(), atB);
            int[] taken = {0};
            // Queue, credit and what is under way are full when nothing has been taken for a while.
            int[] refusedInARow = {0};
            await().until(() -> {
                if (a.send(B, Lane.BULK, message(taken[0], BYTES))) {
                    taken[0]++;
                    refusedInARow[0] = 0;
                } else {
                    refusedInARow[0]++;
                }
                a.flush();
                return refusedInARow[0] > 3;
            });
            long boundBytes = LaneProtocol.WINDOW_BYTES + TestCluster.QUEUE_BYTES + (2L << 20);
            assertThat((long) taken[0] * BYTES).isLessThanOrEqualTo(boundBytes);

            assertThat(a.send(B, Lane.CONTROL, message(7, 4))).isTrue();
            assertThat(a.send(B, Lane.REPLICATION, message(8, 4))).isTrue();
            a.flush();
            await().until(() ->
                    atB.numbers(Lane.CONTROL).equals(List.of(7))
                            && atB.numbers(Lane.REPLICATION).equals(List.of(8)));
            assertThat(atB.numbers(Lane.BULK)).isEmpty();

            atB.bulkAllowed.release(Integer.MAX_VALUE);
            await().until(() -> atB.numbers(Lane.BULK).size() == taken[0]);
            assertThat(atB.numbers(Lane.BULK))
                    .isEqualTo(IntStream.range(0, taken[0]).boxed().toList());
        }
    }

    @Nested
    class Lanes {
        @Test
        void doNotWaitForEachOther() {
            Listening atB = new Listening();
            startBoth(new Listening(), atB);

            assertThat(a.send(B, Lane.BULK, message(1, a.messageBytesMax()))).isTrue();
            a.flush();
            assertThat(a.send(B, Lane.CONTROL, message(2, 4))).isTrue();
            a.flush();

            await().until(() -> atB.messages.size() == 2);
            assertThat(atB.messages.getFirst().number()).isEqualTo(2);
            assertThat(atB.messages.getLast().bytes()).isEqualTo(a.messageBytesMax());
        }

        @Test
        void carryManySmallAndSomeLargeMessagesInOrder() {
            Listening atB = new Listening();
            startBoth(new Listening(), atB);
            List<Integer> sizes = List.of(4, 100, 20_000, 16 * 1024, 16 * 1024 + 1, 300_000, 5);

            int sent = 0;
            while (sent < 3_000) {
                int bytes = sizes.get(sent % sizes.size());
                if (a.send(B, Lane.REPLICATION, message(sent, bytes))) {
                    sent++;
                } else {
                    a.flush();
                    Thread.onSpinWait();
                }
            }
            a.flush();

            await().until(() -> atB.messages.size() == 3_000);
            assertThat(atB.numbers(Lane.REPLICATION))
                    .isEqualTo(IntStream.range(0, 3_000).boxed().toList());
            assertThat(atB.messages)
                    .allMatch(m -> m.bytes() == sizes.get(m.number() % sizes.size()));
        }
    }

    @Test
    void aHandlerThatNeverBlocksIsCalledWhereTheConnectionIsRead() {
        Listening atA = new Listening(false, Integer.MAX_VALUE);
        Listening atB = new Listening(true, Integer.MAX_VALUE);
        Libp2pTransport b = startBoth(atA, atB);
        b.send(A, Lane.CONTROL, message(1, 4));
        b.flush();
        a.send(B, Lane.CONTROL, message(1, 4));
        a.flush();

        await().until(() -> atA.messages.size() == 1 && atB.messages.size() == 1);
        assertThat(atA.messages.getFirst().thread())
                .startsWith("libp2p-")
                .doesNotContain("handler");
        assertThat(atB.messages.getFirst().thread()).startsWith("libp2p-handler");
    }

    @Test
    void aPeerThatComesBackIsConnectedAgain() {
        Listening atA = new Listening();
        a.start(atA);
        for (int i = 1; i <= 3; i++) {
            atA.events.clear();
            Libp2pTransport b = cluster.transport(B, topologyB);
            Listening atB = new Listening();
            b.start(atB);
            int round = i;
            await().until(() -> atA.events.contains("+b") && atB.events.contains("+a"));
            await().until(() -> b.send(A, Lane.CONTROL, message(round, 4)));
            b.flush();
            await().until(() -> atA.numbers(Lane.CONTROL).contains(round));
            assertThat(atA.events).containsOnly("+b");

            b.close();
            await().until(() -> atA.events.contains("-b"));
            assertThat(atA.events).containsOnlyOnce("-b").endsWith("-b");
        }
        assertThat(a.send(B, Lane.CONTROL, message(9, 4))).isFalse();
    }

    @Nested
    class TheTopology {
        @Test
        void decidesWhoIsConnected() {
            Listening atA = new Listening();
            startBoth(atA, new Listening());
            Libp2pTransport c = cluster.transport(C, new TestTopology(cluster.view(C, A)));
            c.start(new Listening());
            await().until(() ->
                    a.metrics().inboundFailures().containsKey(HandshakeFailure.NOT_ALLOWED));
            assertThat(atA.events).containsOnly("+b");

            topologyA.change(cluster.view(A, B, C));
            await().until(() -> atA.events.contains("+c"));
            c.send(A, Lane.CONTROL, message(3, 4));
            c.flush();
            await().until(() -> !atA.messages.isEmpty());
            assertThat(atA.messages.getFirst().from()).isEqualTo(C);

            topologyA.change(cluster.view(A, B));
            await().until(() -> atA.events.contains("-c"));
            assertThat(a.send(C, Lane.CONTROL, message(1, 4))).isFalse();
            assertThat(a.send(B, Lane.CONTROL, message(1, 4))).isTrue();
        }

        @Test
        void isFollowedFromTheMomentThatTheTransportIsMade() {
            TestTopology alone = new TestTopology(cluster.view(C));
            Libp2pTransport c = cluster.transport(C, alone);
            alone.change(cluster.view(C, A));
            Listening atC = new Listening();
            c.start(atC);
            topologyA.change(cluster.view(A, B, C));
            a.start(new Listening());
            await().until(() -> atC.events.contains("+a"));
        }

        @Test
        void thatMakesNoSenseStopsTheStart() {
            refused("identity", new Member(B, "/ip4/127.0.0.1/tcp/1", "nobody", Map.of()));
            refused("identity", new Member(B, "/ip4/127.0.0.1/tcp/1", "", Map.of()));
            String id = cluster.identity(B).peerId().toString();
            refused("address", new Member(B, "127.0.0.1:4001", id, Map.of()));
            refused("address", new Member(B, "/ip4/127.0.0.1/udp/1/quic-v1", id, Map.of()));
            refused(
                    "address",
                    new Member(
                            B,
                            "/ip4/127.0.0.1/tcp/1/p2p/" + cluster.identity(C).peerId(),
                            id,
                            Map.of()));
            refused("identity of b", TestTopology.member(C, 1, id), cluster.member(B));
            refused(
                    "identity of this node",
                    TestTopology.member(B, 1, cluster.identity(A).peerId()));
        }

        private void refused(String what, Member... others) {
            List<Member> members = new ArrayList<>(List.of(others));
            members.add(cluster.member(A));
            TestTopology topology = new TestTopology(new ClusterView(A, members));

            assertThatThrownBy(() -> cluster.transport(A, topology))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(what);
        }

        @Test
        void thatKnowsUsByAnotherIdentityStopsTheStart() {
            Member wrong = TestTopology.member(A, 1, IdentityKey.generate().peerId());
            TestTopology topology =
                    new TestTopology(new ClusterView(A, List.of(wrong, cluster.member(B))));

            assertThatThrownBy(() -> cluster.transport(A, topology))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("identity file")
                    .hasMessageContaining(wrong.identity());
        }

        @Test
        void thatStopsMakingSenseIsIgnored() {
            Listening atA = new Listening();
            startBoth(atA, new Listening());

            topologyA.change(
                    new ClusterView(
                            A, List.of(cluster.member(A), new Member(C, "", "", Map.of()))));

            assertThat(a.send(B, Lane.CONTROL, message(1, 4))).isTrue();
            assertThat(atA.events).containsOnly("+b");
        }
    }

    @Test
    void countsWhatHappensWithEachPeer() {
        a.start(new Listening());
        await().until(() ->
                a.metrics()
                        .peers()
                        .getFirst()
                        .dialFailures()
                        .containsKey(HandshakeFailure.UNREACHABLE));
        Libp2pTransport b = cluster.transport(B, topologyB);
        Listening atB = new Listening();
        b.start(atB);
        await().until(() -> a.send(B, Lane.BULK, message(1, 100_000)));
        a.flush();
        await().until(() -> !atB.messages.isEmpty());

        TransportMetrics.PeerMetrics peer = a.metrics().peers().getFirst();
        assertThat(peer.node()).isEqualTo(B);
        assertThat(peer.peerId()).isEqualTo(cluster.identity(B).peerId());
        assertThat(peer.connections()).isPositive();
        assertThat(peer.connectionsOpened()).isPositive();
        assertThat(peer.bytesSent()).isGreaterThan(100_000);
        assertThat(peer.bytesReceived()).isPositive();
        await().until(() ->
                a.metrics().peers().getFirst().roundTripNanos() > 0
                        || b.metrics().peers().getFirst().roundTripNanos() > 0);
    }
}
