package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.it.events.History;
import io.ridgeline.it.load.ClusterLoad;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
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
