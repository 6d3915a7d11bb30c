package io.ridgeline.simulation.checker;

import io.ridgeline.spi.storage.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An entry that was on some disk at some time, with the log before it.
final class GhostEntry {
    final Entry entry;
    final long chain;
    final @Nullable GhostEntry parent;
    final @Nullable GhostConfiguration configuration;

    /// Storage ids that had it on stable storage while they had promised no higher epoch.
    final List<UUID> holders = new ArrayList<>(4);

    /// Another entry at the same index.
    final @Nullable GhostEntry sibling;

    boolean chosen;

    GhostEntry(
            Entry entry,
            long chain,
            @Nullable GhostEntry parent,
            @Nullable GhostConfiguration configuration,
            @Nullable GhostEntry sibling) {
        this.entry = entry;
        this.chain = chain;
        this.parent = parent;
        this.configuration = configuration;
        this.sibling = sibling;
    }

    long index() {
        return entry.index();
    }

    long epoch() {
        return entry.epoch();
    }

    /// {@return whether the log that ends here contains an entry}
    boolean contains(GhostEntry other) {
        @Nullable GhostEntry at = this;
        while (at != null && at.index() > other.index()) {
            if (at.chosen && other.chosen) {
                // Both are on the one chosen chain.
                return true;
            }
            at = at.parent;
        }
        return at == other;
    }
}
