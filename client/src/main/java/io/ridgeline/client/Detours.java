package io.ridgeline.client;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Nodes that do not get through to the coordinator of one partition: for a while its writes go
/// another way, and only those.
final class Detours {
    /// Slots whose partition is not known stand for themselves.
    private record Way(Node node, boolean ofPartition, int number) {}

    private final Map<Way, Long> untilNanos = new ConcurrentHashMap<>();

    /// Sends nothing of a slot and its partition to a node until then.
    ///
    /// @param partition null if it is not known
    void take(Node node, int slot, @Nullable Integer partition, long nowNanos, long nanos) {
        untilNanos.values().removeIf(until -> until - nowNanos <= 0);
        untilNanos.put(new Way(node, false, slot), nowNanos + nanos);
        if (partition != null) {
            untilNanos.put(new Way(node, true, partition), nowNanos + nanos);
        }
    }

    /// {@return for how long nothing of a slot and its partition goes to a node}
    ///
    /// @param partition null if it is not known
    long nanosLeft(Node node, int slot, @Nullable Integer partition, long nowNanos) {
        if (untilNanos.isEmpty()) {
            return 0;
        }
        long left = left(new Way(node, false, slot), nowNanos);
        return partition == null
                ? left
                : Math.max(left, left(new Way(node, true, partition), nowNanos));
    }

    private long left(Way way, long nowNanos) {
        return Math.max(0, untilNanos.getOrDefault(way, nowNanos) - nowNanos);
    }
}
