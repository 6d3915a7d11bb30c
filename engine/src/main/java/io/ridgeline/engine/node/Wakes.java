package io.ridgeline.engine.node;

import io.ridgeline.engine.replica.PartitionReplica;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// When which replica wants to be called; the one timer of a shard. A replica that wants nothing is
/// not in it.
public final class Wakes {
    private final PriorityQueue<Wake> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Wake::atNanos).thenComparingLong(Wake::order));
    private long order;

    private record Wake(long atNanos, long order, PartitionReplica replica) {}

    /// Adds one; what the replica wanted before is forgotten.
    public void add(PartitionReplica replica, long atNanos) {
        queue.add(new Wake(atNanos, order++, replica));
    }

    /// {@return a time before which nothing is due}
    public long next() {
        while (!queue.isEmpty() && isForgotten(queue.peek())) {
            queue.remove();
        }
        return queue.isEmpty() ? Long.MAX_VALUE : queue.peek().atNanos();
    }

    /// {@return a replica that is due, or null}
    public @Nullable PartitionReplica take(long nowNanos) {
        while (!queue.isEmpty() && queue.peek().atNanos() <= nowNanos) {
            Wake wake = queue.remove();
            if (!isForgotten(wake)) {
                return wake.replica();
            }
        }
        return null;
    }

    private static boolean isForgotten(Wake wake) {
        return wake.replica().wakeAt() != wake.atNanos();
    }
}
