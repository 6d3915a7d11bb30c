package io.ridgeline.client;

import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.PartitionStatus;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Finds the nodes that hold partitions. Asks a server only once some node has refused a request
/// because it does not: where every node holds everything, nobody needs to know.
final class ReplicaFinder implements AutoCloseable {
    private final Nodes nodes;
    private final UnaryCalls unaryCalls;
    private CompletableFuture<Replicas> asked = CompletableFuture.completedFuture(Replicas.UNKNOWN);
    private boolean closed;

    ReplicaFinder(Nodes nodes, UnaryCalls unaryCalls) {
        this.nodes = nodes;
        this.unaryCalls = unaryCalls;
    }

    /// {@return whom to ask for what belongs to a partition key}
    Candidates ofKey(String partitionKey) {
        int slot = Slots.slotOf(partitionKey.getBytes(StandardCharsets.UTF_8));
        return new Candidates(
                nodes,
                () -> {
                    Integer partition = nodes.partitionOf(slot);
                    return partition == null ? List.of() : where(partition);
                },
                this::refresh,
                false);
    }

    /// {@return whom to ask for what is in a partition}
    Candidates ofPartition(int partition) {
        return new Candidates(nodes, () -> where(partition), this::refresh, false);
    }

    /// Where some node holds everything, the server that the user named is as good as any until it
    /// says otherwise, and may be the nearest.
    private List<Node> where(int partition) {
        Replicas known = known();
        return known.areSpread() ? known.of(partition) : List.of();
    }

    /// {@return whom to ask for what may be in any partition, for as long as there is no need to
    /// ask several nodes}
    Candidates ofEverything() {
        return Candidates.any(nodes, true);
    }

    /// {@return what is known}
    Replicas known() {
        return nodes.replicas();
    }

    /// Asks a server, unless one is being asked.
    ///
    /// @return what is known then; fails with a [RidgelineException]
    synchronized CompletableFuture<Replicas> learn() {
        refresh();
        return asked;
    }

    /// Asks a server, unless one is being asked, and does not wait for the answer.
    synchronized void refresh() {
        if (!asked.isDone() || closed) {
            return;
        }
        asked =
                unaryCalls
                        .call(
                                EventStoreGrpc.getGetRoutingMethod(),
                                GetRoutingRequest.getDefaultInstance(),
                                Candidates.any(nodes, false))
                        .thenApply(routing -> {
                            nodes.learn(routing);
                            return known();
                        });
    }

    /// Asks a node once how far it is.
    ///
    /// @param onAnswer is given the last confirmed sequence that it has, for each partition that it
    ///   holds; is not called if it does not answer
    void howFar(Node node, Consumer<Map<Integer, Long>> onAnswer) {
        unaryCalls.ask(
                AdminGrpc.getGetStatusMethod(),
                GetStatusRequest.getDefaultInstance(),
                node,
                status -> {
                    node.answered();
                    Map<Integer, Long> last = new HashMap<>();
                    for (PartitionStatus each : status.getPartitionsList()) {
                        last.put(each.getPartition(), each.getWatermark());
                    }
                    onAnswer.accept(last);
                },
                failure -> {});
    }

    /// Nobody waits for an answer any more.
    @Override
    public synchronized void close() {
        closed = true;
        if (!asked.isDone()) {
            asked.completeExceptionally(Feed.cancelled("the client was closed"));
        }
    }
}
