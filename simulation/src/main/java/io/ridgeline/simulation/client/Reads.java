package io.ridgeline.simulation.client;

import io.ridgeline.engine.Published;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node serves to readers, compared with what is chosen.
final class Reads {
    private static final int PAGE_BYTES = 2_000;

    private final Cluster cluster;
    private final Seeded random;

    Reads(Cluster cluster, Seeded random) {
        this.cluster = cluster;
        this.random = random;
    }

    /// Reads a page of the confirmed prefix, from a random place or of a random stream.
    ///
    /// @param lastIndex up to where the node says that it may be served
    /// @param lastSequence the last sequence there
    void some(SimNode node, PartitionId partition, long lastIndex, long lastSequence) {
        if (lastSequence < 0) {
            return;
        }
        long from = random.between(0L, lastSequence);
        if (random.chance(0.3)) {
            backward(node, partition, from, lastIndex);
        } else {
            forward(node, partition, from, lastIndex);
        }
    }

    /// Reads on from a sequence.
    ///
    /// @return the next sequence to read
    long forward(SimNode node, PartitionId partition, long from, long lastIndex) {
        @Nullable LogReader reader = node.store().reader(partition);
        if (reader == null) {
            return from;
        }
        try {
            List<Entry> page = reader.transactions(from, Direction.FORWARD, lastIndex, PAGE_BYTES);
            if (page.isEmpty()) {
                long end = cluster.checker().events(partition).sequenceEnd(lastIndex);
                if (from < end) {
                    throw new Violation(
                            "reads have no gaps",
                            "%s, partition %s: nothing from %d, confirmed up to %d"
                                    .formatted(node.run(), partition, from, end - 1));
                }
                return from;
            }
            cluster.checker().onRead(partition, page, from);
            return page.getLast().transaction().lastSequence() + 1;
        } catch (StorageException damage) {
            onDamage(damage);
            return from;
        }
    }

    private void backward(SimNode node, PartitionId partition, long from, long lastIndex) {
        @Nullable LogReader reader = node.store().reader(partition);
        if (reader == null) {
            return;
        }
        try {
            List<Entry> page =
                    new ArrayList<>(
                            reader.transactions(from, Direction.BACKWARD, lastIndex, PAGE_BYTES));
            if (page.isEmpty()) {
                throw new Violation("reads have no gaps", "nothing backward from sequence " + from);
            }
            List<Entry> ordered = page.reversed();
            long first = ordered.getFirst().transaction().firstSequence();
            cluster.checker().onRead(partition, ordered, first);
        } catch (StorageException damage) {
            onDamage(damage);
        }
    }

    private void onDamage(StorageException damage) {
        if (damage.kind() != StorageException.Kind.DAMAGED) {
            throw damage;
        }
        cluster.coverage().count("readsOfDamageRefused");
    }

    /// Reads locally what a node has published.
    void local(SimNode node, PartitionId partition) {
        @Nullable Published state = node.published(partition);
        if (node.isUp() && state != null && state.readable()) {
            some(node, partition, state.watermark().index(), state.lastSequence());
        }
    }
}
