package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.LaterNode;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Outcome;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Nodes of this release meet those of one that is so much later that they share no protocol
/// version.
class ProtocolVersionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LATER_MIN = 7;
    private static final int LATER_MAX = 9;

    @Test
    void aLaterNodeIsRefusedAndTheOthersServeOnUntilItComesBackAsOneOfTheirs() {
        try (LocalCluster cluster = three("refused").start()) {
            cluster.check(() -> {
                assertThat(cluster.status(1).getMembersList())
                        .allSatisfy(each -> {
                            assertThat(each.getProtocolMin()).isEqualTo(1);
                            assertThat(each.getProtocolMax()).isEqualTo(1);
                            assertThat(each.getProtocol()).isEqualTo(1);
                        });
                cluster.terminate(3);
                try (LaterNode _ = new LaterNode(cluster, 3, LATER_MIN, LATER_MAX)) {
                    for (int number : List.of(1, 2)) {
                        Awaitility.await("n" + number + " to refuse n3")
                                .atMost(PATIENCE)
                                .until(() -> third(cluster, number).getProtocolMin() == LATER_MIN);
                        assertThat(third(cluster, number))
                                .satisfies(each -> {
                                    assertThat(each.getProtocolMax()).isEqualTo(LATER_MAX);
                                    assertThat(each.getProtocol()).isZero();
                                });
                        Awaitility.await("n" + number + " to hear nothing of n3")
                                .atMost(PATIENCE)
                                .until(() -> !third(cluster, number).getState().equals("alive"));
                        assertThat(cluster.node(number).log())
                                .contains(
                                        "node n3 speaks protocol versions 7 to 9, this node 1:"
                                                + " they share none",
                                        "upgrade this node first, to a release that speaks 7",
                                        "docs/operations.md");
                    }
                    write(cluster);
                }
                cluster.restart(3);
                Awaitility.await("n3")
                        .atMost(PATIENCE)
                        .until(() -> third(cluster, 1).getState().equals("alive"));
                assertThat(third(cluster, 1).getProtocol()).isEqualTo(1);
                write(cluster);
            });
        }
    }

    @Test
    void aNodeThatSharesNoneWithTheOthersEndsAndSaysWhatToDo() {
        try (LocalCluster cluster = three("alone").start()) {
            cluster.numbers().forEach(cluster::terminate);
            try (LaterNode _ = new LaterNode(cluster, 1, LATER_MIN, LATER_MAX);
                    LaterNode _ = new LaterNode(cluster, 2, LATER_MIN, LATER_MIN)) {
                Command.Running third = cluster.launch(3);
                Outcome outcome = third.await(PATIENCE);
                assertThat(outcome.exit()).as(third.err()).isEqualTo(1);
                assertThat(outcome.err())
                        .contains(
                                "this node speaks protocol versions 1 ",
                                "node n1 speaks 7 to 9, node n2 speaks 7",
                                "start a release of Ridgeline here",
                                "docs/operations.md");
            }
        }
    }

    private static LocalCluster three(String name) {
        return LocalCluster.of(Checkout.folder(ProtocolVersionIT.class, name), 3);
    }

    private static MemberStatus third(LocalCluster cluster, int seenBy) {
        return cluster.status(seenBy).getMembers(2);
    }

    private static void write(LocalCluster cluster) {
        try (RidgelineClient client = RidgelineClient.connect(cluster.addresses())) {
            client.append("stream").event("Written", "{}").send();
        }
    }
}
