package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// A topology that a test changes.
final class TestTopology implements Topology {
    private final List<Consumer<ClusterView>> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterView view;

    TestTopology(ClusterView view) {
        this.view = view;
    }

    static Member member(NodeId node, int port, Object identity) {
        return new Member(node, "/ip4/127.0.0.1/tcp/" + port, identity.toString(), Map.of());
    }

    void change(ClusterView next) {
        view = next;
        listeners.forEach(each -> each.accept(next));
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public void onChange(Consumer<ClusterView> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {}
}
