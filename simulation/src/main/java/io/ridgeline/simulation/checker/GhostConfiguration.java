package io.ridgeline.simulation.checker;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A configuration entry as the checker reads it.
///
/// @param index of the entry
/// @param epoch of the entry; another epoch may put the same content at the same index
/// @param previous the configuration before it in that log
record GhostConfiguration(
        long index,
        long epoch,
        List<UUID> storageIds,
        int write,
        int takeover,
        @Nullable GhostConfiguration previous) {
    GhostConfiguration {
        storageIds = List.copyOf(storageIds);
    }

    int named(List<UUID> holders) {
        int count = 0;
        for (int i = 0; i < holders.size(); i++) {
            if (storageIds.contains(holders.get(i))) {
                count++;
            }
        }
        return count;
    }

    /// Holders that both configurations name.
    int namedTwice(List<UUID> holders, GhostConfiguration other) {
        int count = 0;
        for (int i = 0; i < holders.size(); i++) {
            UUID id = holders.get(i);
            if (storageIds.contains(id) && other.storageIds.contains(id)) {
                count++;
            }
        }
        return count;
    }

    int replicas() {
        return storageIds.size();
    }
}
