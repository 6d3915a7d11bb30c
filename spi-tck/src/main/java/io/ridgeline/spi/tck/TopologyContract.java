package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// The contract of [Topology].
public abstract class TopologyContract {

    /// For the plugin's test.
    protected TopologyContract() {}

    /// {@return a topology in which that node is a member}
    protected abstract Topology topology(NodeId self);

    @Test
    void hasAViewAtOnceWithThisNodeInIt() {
        NodeId self = new NodeId("a");
        try (Topology topology = topology(self)) {
            ClusterView view = topology.view();
            assertThat(view.self()).isEqualTo(self);
            assertThat(view.member(self)).isPresent();
            assertThat(view.members())
                    .isSortedAccordingTo((one, other) -> one.node().compareTo(other.node()));
        }
    }

    @Test
    void knowsTheFoundersAtOnce() {
        try (Topology topology = topology(new NodeId("a"))) {
            ClusterView view = topology.view();
            assertThat(view.founders())
                    .isNotEmpty()
                    .isSortedAccordingTo((one, other) -> one.node().compareTo(other.node()));
            assertThat(topology.view().founders()).isEqualTo(view.founders());
        }
    }

    @Test
    void saysOnlyOfMembersThatItFollowsHowTheyAre() {
        NodeId self = new NodeId("a");
        try (Topology topology = topology(self)) {
            ClusterView view = topology.view();
            Member own = view.member(self).orElseThrow();
            assertThat(own.health()).isIn(Health.ALIVE, Health.UNKNOWN);
            assertThat(own.startedAt() > 0).isEqualTo(own.health() == Health.ALIVE);
        }
    }

    @Test
    void tellsListenersOfLaterViewsOnly() {
        List<ClusterView> heard = new CopyOnWriteArrayList<>();
        try (Topology topology = topology(new NodeId("a"))) {
            ClusterView before = topology.view();
            topology.onChange(heard::add);
            assertThat(heard).doesNotContain(before);
        }
    }

    @Test
    void canBeClosedTwice() {
        Topology topology = topology(new NodeId("a"));
        topology.close();
        topology.close();
        assertThat(topology.view().members()).isNotEmpty();
    }
}
