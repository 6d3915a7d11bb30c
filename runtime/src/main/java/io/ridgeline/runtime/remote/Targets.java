package io.ridgeline.runtime.remote;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The other nodes that requests of this one have gone to. Any thread.
public final class Targets {
    private final RemoteSettings settings;
    private final Map<NodeId, Target> byNode = new ConcurrentHashMap<>();
    private volatile Consumer<Target> onNew = target -> {};

    /// @param settings what requests to each of them may take and cost
    public Targets(RemoteSettings settings) {
        this.settings = settings;
    }

    /// {@return what requests to each of them may take and cost}
    public RemoteSettings settings() {
        return settings;
    }

    /// Has something done with each node that comes to be one; before there are any.
    public void onNew(Consumer<Target> action) {
        onNew = action;
    }

    /// {@return a node}
    public Target of(NodeId node) {
        Target known = byNode.get(node);
        return known != null ? known : byNode.computeIfAbsent(node, this::make);
    }

    private Target make(NodeId node) {
        Target target = new Target(node, settings);
        onNew.accept(target);
        return target;
    }

    /// {@return the way of an append to a node}
    ///
    /// @param allowedNanos how long it may take, says its caller
    public Forward forward(PartitionId partition, NodeId node, long allowedNanos) {
        return new Forward(of(node), partition, allowedNanos >= settings.appendTimeout().toNanos());
    }
}
