package io.ridgeline.client;

import io.netty.channel.EventLoop;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.PartitionCoordinator;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps what is known of the way to coordinators. Lives on the client's event loop.
///
/// Asking is never waited for: any server takes any write, and sends it on if need be.
final class Router {
    /// Answers of nodes that know no coordinator yet would otherwise ask in a circle.
    private static final long PAUSE_NANOS = Duration.ofMillis(250).toNanos();

    private final EventLoop loop;
    private final Nodes nodes;
    private final UnaryCalls unaryCalls;
    private boolean asking;
    private boolean everAsked;
    private long askedNanos;

    Router(EventLoop loop, Nodes nodes, UnaryCalls unaryCalls) {
        this.loop = loop;
        this.nodes = nodes;
        this.unaryCalls = unaryCalls;
    }

    /// Asks if nobody was asked yet.
    void askOnce() {
        if (!everAsked) {
            ask();
        }
    }

    /// What is known is out of date.
    void ask() {
        long now = System.nanoTime();
        if (asking || (everAsked && now - askedNanos < PAUSE_NANOS)) {
            return;
        }
        Node node = nodes.any(now);
        if (node == null) {
            return;
        }
        asking = true;
        everAsked = true;
        askedNanos = now;
        ask(node, failure -> asking = false);
    }

    /// Asks one node, and learns from its answer.
    ///
    /// @param onEnd is given null after an answer, else why there is none
    void ask(Node node, Consumer<@Nullable Failure> onEnd) {
        unaryCalls.ask(
                EventStoreGrpc.getGetRoutingMethod(),
                GetRoutingRequest.getDefaultInstance(),
                node,
                routing ->
                        loop.execute(() -> {
                            onEnd.accept(null);
                            nodes.learn(routing);
                        }),
                failure -> loop.execute(() -> onEnd.accept(failure)));
    }

    /// An answer says who coordinates a partition.
    void learn(PartitionCoordinator coordinator) {
        if (!nodes.learn(coordinator)) {
            ask();
        }
    }

    /// A node does not get through to the coordinator of a slot's partition.
    void detour(Node node, int slot, @Nullable Integer partition, long nowNanos, long nanos) {
        nodes.detour(node, slot, partition, nowNanos, nanos);
        ask();
    }

    /// A node is lost: its writes go elsewhere until it is known where.
    void lost(Node node) {
        nodes.forget(node);
        ask();
    }
}
