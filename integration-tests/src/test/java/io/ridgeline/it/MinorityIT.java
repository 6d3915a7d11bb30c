package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.it.chaos.Network;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// One of three nodes is cut off from the others, and clients still reach all of them.
class MinorityIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// The default of `ridgeline.timings.write-timeout`.
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(5);

    private static final int APPEND_MILLIS = 1_000;
    private static final String STREAM = "stream";

    private final List<ByteString> acknowledged = new ArrayList<>();

    @Test
    void saysThatItHasNoQuorumWhileTheOthersGoOnAndCatchesUpOnceItIsHealed() {
        try (Network network = new Network();
                LocalCluster cluster =
                        LocalCluster.of(
                                        Checkout.folder(MinorityIT.class, "cut"),
                                        3,
                                        network::link,
                                        plan -> plan)
                                .start()) {
            cluster.check(() -> {
                awaitAcknowledgement(cluster.node(1));
                int partition = append(cluster.node(1));
                int coordinator = cluster.coordinatorOf(partition);
                int follower = coordinator == 3 ? 2 : 3;
                cutOffAndHeal(cluster, network, follower);
                cutOffAndHeal(cluster, network, cluster.coordinatorOf(partition));
                for (Node node : cluster.nodes()) {
                    History history = History.of(node.events());
                    assertThat(acknowledged)
                            .isNotEmpty()
                            .allSatisfy(id -> assertThat(history.find(id)).isNotNull());
                }
            });
        }
    }

    private void cutOffAndHeal(LocalCluster cluster, Network network, int alone) {
        Node minority = cluster.node(alone);
        awaitAcknowledgement(minority);
        List<Integer> others = cluster.numbers().stream().filter(each -> each != alone).toList();
        others.forEach(other -> {
            network.cut(alone, other);
            network.cut(other, alone);
        });
        Awaitility.await("a refusal for want of a quorum")
                .atMost(WRITE_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .until(() -> refusal(minority).equals("QUORUM_UNAVAILABLE"));
        assertThat(Failure.by(() -> minority.events().append(request(event()))))
                .satisfies(why -> {
                    assertThat(why.code()).isEqualTo("QUORUM_UNAVAILABLE");
                    assertThat(why.metadata())
                            .containsEntry("needed", "2")
                            .containsEntry("reachable", "1");
                    assertThat(why.message()).contains("nothing was written", "another node");
                });
        assertThat(
                        Failure.by(() ->
                                        minority.events()
                                                .readStream(
                                                        ReadStreamRequest.newBuilder()
                                                                .setStream(STREAM)
                                                                .setConsistency(
                                                                        Consistency.LINEARIZABLE)
                                                                .build())
                                                .hasNext())
                                .code())
                .isEqualTo("QUORUM_UNAVAILABLE");
        for (int other : others) {
            awaitAcknowledgement(cluster.node(other));
        }
        assertThat(refusal(minority)).isEqualTo("QUORUM_UNAVAILABLE");
        network.heal();
        awaitAcknowledgement(minority);
    }

    private void awaitAcknowledgement(Node node) {
        Awaitility.await("an acknowledgement by port " + node.port())
                .atMost(PATIENCE)
                .until(() -> refusal(node).isEmpty());
    }

    /// Appends, and waits less long than usual, so that what is under way when the cut comes holds
    /// the test up little; {@return why it was refused, empty if it was acknowledged}
    private String refusal(Node node) {
        try {
            append(node);
            return "";
        } catch (StatusRuntimeException e) {
            return Failure.of(e).code();
        }
    }

    private int append(Node node) {
        NewEvent event = event();
        int partition = node.events().append(request(event)).getPosition().getPartition();
        acknowledged.add(event.getId());
        return partition;
    }

    private static NewEvent event() {
        return Requests.event(STREAM, "Written", "{}");
    }

    private static AppendRequest request(NewEvent event) {
        return Requests.append(event).toBuilder().setTimeoutMillis(APPEND_MILLIS).build();
    }
}
