package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.load.ClusterLoad;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Three nodes as processes of their own, over libp2p.
class ClusterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int WRITERS = 16;

    private static LocalCluster three(String name) {
        return LocalCluster.of(Checkout.folder(ClusterIT.class, name), 3);
    }

    @Test
    void threeNodesFormOneCluster() {
        try (LocalCluster cluster = three("form").start()) {
            cluster.check(() -> {
                for (int number : cluster.numbers()) {
                    GetStatusResponse status = cluster.status(number);
                    assertThat(status.getPartitionsList())
                            .hasSize(32)
                            .allSatisfy(each ->
                                    assertThat(each.getReplicasList())
                                            .containsExactly("n1", "n2", "n3"));
                    assertThat(status.getCluster()).isEqualTo(cluster.status(1).getCluster());
                    Awaitility.await("all members alive")
                            .atMost(PATIENCE)
                            .until(() ->
                                    states(cluster, number)
                                            .equals(List.of("alive", "alive", "alive")));
                }
            });
        }
    }

    @Test
    void whatIsWrittenToAnyNodeIsReadFromAll() {
        try (LocalCluster cluster = three("any").start()) {
            cluster.check(() -> {
                for (Node node : cluster.nodes()) {
                    try (RidgelineClient client =
                            RidgelineClient.connect("127.0.0.1:" + node.port())) {
                        for (int i = 0; i < 50; i++) {
                            client.append("any-" + node.port() + "-" + i)
                                    .event("Written", "{}")
                                    .send();
                        }
                    }
                }
                assertThat(equalHistories(cluster).size()).isEqualTo(150);
            });
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheCoordinatorIsKilled() {
        try (LocalCluster cluster = three("kill").start()) {
            cluster.check(() -> {
                ClusterLoad load =
                        ClusterLoad.start(cluster.addresses(), WRITERS, Duration.ofSeconds(30));
                try (load) {
                    load.awaitMore(200);
                    for (int round = 0; round < 2; round++) {
                        int coordinator = cluster.coordinatorOf(0);
                        cluster.kill(coordinator);
                        load.awaitMore(200);
                        cluster.restart(coordinator);
                        load.awaitMore(200);
                    }
                    load.finish();
                    assertThat(load.failures()).isEmpty();
                    load.settle(equalHistories(cluster));
                }
            });
        }
    }

    @Test
    void anyNodeShowsWhatWasAcknowledgedBeforeALinearizableRead() {
        try (LocalCluster cluster = three("linearizable").start()) {
            cluster.check(() -> {
                for (int i = 0; i < 30; i++) {
                    String stream = "seen-" + i;
                    Node writer = cluster.node(1 + i % 3);
                    Node reader = cluster.node(1 + (i + 1) % 3);
                    try (RidgelineClient to = client(writer);
                            RidgelineClient from = client(reader)) {
                        to.append(stream).event("Written", "{}").send();
                        try (var events =
                                from.read(Source.stream(stream)).linearizable().stream()) {
                            assertThat(events.count()).isEqualTo(1);
                        }
                    }
                }
            });
        }
    }

    @Test
    void aCoordinatorWhoseReplicasHangRefusesInTimeAndGoesOnOnceTheyAreBack() {
        try (LocalCluster cluster = three("minority").start()) {
            cluster.check(() -> {
                int coordinator = cluster.coordinatorOf(partitionOf(cluster, "alone"));
                List<Integer> others =
                        cluster.numbers().stream().filter(each -> each != coordinator).toList();
                others.forEach(cluster::pause);
                Awaitility.await("a refusal")
                        .atMost(PATIENCE)
                        .until(() ->
                                append(cluster.node(coordinator), "alone")
                                        .equals("QUORUM_UNAVAILABLE"));
                others.forEach(cluster::resume);
                Awaitility.await("an acknowledgement")
                        .atMost(PATIENCE)
                        .until(() -> append(cluster.node(coordinator), "alone").isEmpty());
                equalHistories(cluster);
            });
        }
    }

    @Test
    void aNodeThatContradictsTheClusterIsRefusedAndSaysWhatDiffers() {
        try (LocalCluster cluster = three("contradiction").start()) {
            cluster.check(() -> {
                cluster.kill(3);
                Outcome changed = cluster.plan(3).but("ridgeline.partitions", "16").startInVain();
                assertThat(changed.exit()).isEqualTo(1);
                assertThat(changed.err()).contains("ridgeline.partitions", "expected 32");
                cluster.wipe(3);
                Outcome wiped = cluster.plan(3).but("ridgeline.replicas", "1").startInVain();
                assertThat(wiped.exit()).isEqualTo(1);
                assertThat(wiped.err()).contains("ridgeline.replicas", "expected 3", "node n");
                cluster.restart(3);
                assertThat(cluster.status(3).getCluster())
                        .isEqualTo(cluster.status(1).getCluster());
            });
        }
    }

    @Test
    void aRollingRestartUnderLoadShowsTheClientsUserNoFailure() {
        try (LocalCluster cluster = three("rolling").start()) {
            cluster.check(() -> {
                ClusterLoad load =
                        ClusterLoad.start(cluster.addresses(), WRITERS, Duration.ofSeconds(30));
                try (load) {
                    load.awaitMore(200);
                    for (int number : cluster.numbers()) {
                        assertThat(cluster.terminate(number).exit()).isZero();
                        load.awaitMore(100);
                        cluster.restart(number);
                        load.awaitMore(100);
                    }
                    load.finish();
                    assertThat(load.failures()).isEmpty();
                    load.settle(equalHistories(cluster));
                }
            });
        }
    }

    private static RidgelineClient client(Node node) {
        return RidgelineClient.connect("127.0.0.1:" + node.port());
    }

    private static int partitionOf(LocalCluster cluster, String stream) {
        try (RidgelineClient client = RidgelineClient.connect(cluster.addresses())) {
            return client.append(stream).event("Written", "{}").send().partition();
        }
    }

    /// {@return why it was refused; empty if it was not}
    private static String append(Node node, String stream) {
        AppendRequest request =
                AppendRequest.newBuilder()
                        .setTimeoutMillis(2_000)
                        .addEvents(Requests.event(stream, "Written", "{}"))
                        .build();
        try {
            AppendResponse _ = node.events().append(request);
            return "";
        } catch (StatusRuntimeException e) {
            assertThat(Failure.of(e).code())
                    .isIn("QUORUM_UNAVAILABLE", "TIMEOUT", "INDETERMINATE", "NOT_COORDINATOR");
            return Failure.of(e).code();
        }
    }

    /// Waits until all nodes show the same.
    private static History equalHistories(LocalCluster cluster) {
        Awaitility.await("equal watermarks")
                .atMost(PATIENCE)
                .until(() ->
                        new HashSet<>(
                                                cluster.numbers().stream()
                                                        .map(each -> watermarks(cluster, each))
                                                        .toList())
                                        .size()
                                == 1);
        List<History> all =
                cluster.nodes().stream().map(node -> History.local(node.events())).toList();
        all.forEach(each -> assertThat(each.partitions()).isEqualTo(all.getFirst().partitions()));
        return all.getFirst();
    }

    private static List<String> states(LocalCluster cluster, int number) {
        return cluster.status(number).getMembersList().stream()
                .map(MemberStatus::getState)
                .toList();
    }

    private static List<Long> watermarks(LocalCluster cluster, int number) {
        return cluster.status(number).getPartitionsList().stream()
                .map(each -> each.getWatermark())
                .toList();
    }
}
