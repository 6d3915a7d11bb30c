package io.ridgeline.engine.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ElsewhereTest {
    private static final PartitionId P = new PartitionId(3);
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final List<NodeId> REPLICAS = List.of(A, B, C);

    private final Elsewhere elsewhere = new Elsewhere();

    private void says(NodeId node, long epoch, Phase phase) {
        elsewhere.onDigest(
                node, new DigestEntry(P, 0, epoch, phase, LogPosition.NONE, LogPosition.NONE));
    }

    @Test
    void theNewestEpochsCoordinatorCounts() {
        says(A, 1, Phase.COORDINATING);
        says(B, 2, Phase.COORDINATING);
        says(A, 1, Phase.COORDINATING);

        assertThat(elsewhere.coordinator(P)).isEqualTo(B);
    }

    @Test
    void whoNoLongerCoordinatesIsForgottenAndNobodyElse() {
        says(A, 1, Phase.COORDINATING);
        says(B, 1, Phase.NONE);
        assertThat(elsewhere.coordinator(P)).isEqualTo(A);

        says(A, 1, Phase.NONE);
        assertThat(elsewhere.coordinator(P)).isNull();
    }

    @Test
    void writesGoToTheCoordinatorOrToAnotherReplicaThatCanBeAsked() {
        says(B, 1, Phase.COORDINATING);

        assertThat(elsewhere.target(P, REPLICAS, List.of(), _ -> true)).isEqualTo(B);
        assertThat(elsewhere.target(P, REPLICAS, List.of(B), _ -> true)).isEqualTo(A);
        assertThat(elsewhere.target(P, REPLICAS, List.of(A), Set.of(A, C)::contains)).isEqualTo(C);
        assertThat(elsewhere.target(P, REPLICAS, List.of(), _ -> false)).isNull();
    }
}
