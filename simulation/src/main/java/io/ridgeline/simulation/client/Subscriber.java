package io.ridgeline.simulation.client;

import io.ridgeline.engine.Published;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.PartitionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Follows a partition from its first event on, changing nodes as it likes. Its events have no gap
/// and come once, in order.
public final class Subscriber {
    private static final long POLL_NANOS = 100_000_000;

    private final Cluster cluster;
    private final PartitionId partition;
    private final Seeded random;
    private final Reads reads;
    private int replica;
    private long next;

    public Subscriber(Cluster cluster, PartitionId partition) {
        this.cluster = cluster;
        this.partition = partition;
        this.random = cluster.split("subscriber", partition.value());
        this.reads = new Reads(cluster, random);
        cluster.queue().after(POLL_NANOS, this::poll);
    }

    /// {@return the sequence that it has not seen yet}
    public long next() {
        return next;
    }

    private void poll() {
        List<SimNode> replicas = cluster.replicasOf(partition);
        SimNode node = replicas.get(replica % replicas.size());
        long before = next;
        @Nullable Published state = node.published(partition);
        if (node.isUp() && state != null && state.readable() && state.lastSequence() >= next) {
            next = reads.forward(node, partition, next, state.watermark().index());
        }
        if (next == before && random.chance(0.3)) {
            replica++;
        }
        cluster.queue().after(POLL_NANOS / 2 + random.between(0L, POLL_NANOS), this::poll);
    }
}
