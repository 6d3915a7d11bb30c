package io.ridgeline.simulation.checker;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// All logs that a partition ever had anywhere, as one tree, and the one chain in it that is
/// chosen: durable on a write quorum of named storage ids in its own epoch, whether or not anybody
/// has noticed.
///
/// Invariants, checked at every append and sync:
/// - one content, and one log before it, per (index, epoch) for ever
/// - chosen entries form one chain
/// - every reign's log contains what was chosen in an earlier epoch
/// - one epoch start per epoch
final class GhostLog {
    private final PartitionId partition;
    private final Configurations configurations;
    private final List<GhostEntry> byIndex = new ArrayList<>();
    private final List<GhostEntry> chosen = new ArrayList<>();
    private final TreeMap<Long, GhostEntry> epochStarts = new TreeMap<>();
    private final TreeMap<Long, GhostEntry> chosenDirectly = new TreeMap<>();
    private final ChosenEvents events;

    /// Reads configuration entries.
    interface Configurations {
        GhostConfiguration read(Entry entry, @Nullable GhostConfiguration previous);
    }

    GhostLog(PartitionId partition, Configurations configurations, ChosenEvents events) {
        this.partition = partition;
        this.configurations = configurations;
        this.events = events;
    }

    ChosenEvents events() {
        return events;
    }

    long chosenIndex() {
        return chosen.size();
    }

    GhostEntry chosenAt(long index) {
        return chosen.get((int) index - 1);
    }

    long highestEpoch() {
        return epochStarts.isEmpty() ? 0 : epochStarts.lastKey();
    }

    int reigns() {
        return epochStarts.size();
    }

    /// Whether an entry is chosen, and a disk is one of those that made it so. Others may yet
    /// follow an earlier epoch, whose coordinator knows nothing of it and drops their copies.
    boolean counts(LogPosition position, UUID storageId) {
        if (position.index() == 0 || !isChosen(position)) {
            return false;
        }
        for (long index = position.index(); index <= chosen.size(); index++) {
            GhostEntry at = chosenAt(index);
            if (at.holders.contains(storageId) && isMet(at)) {
                return true;
            }
        }
        return false;
    }

    boolean isChosen(LogPosition position) {
        return position.index() == 0
                || (position.index() <= chosen.size()
                        && chosenAt(position.index()).epoch() == position.epoch());
    }

    @Nullable GhostEntry find(long index, long epoch) {
        @Nullable GhostEntry at = index > byIndex.size() ? null : byIndex.get((int) index - 1);
        while (at != null && at.epoch() != epoch) {
            at = at.sibling;
        }
        return at;
    }

    /// {@return the hash over the log of an epoch's coordinator up to an index; −2 if there is no
    /// such log}
    long chainInEpoch(long epoch, long index) {
        @Nullable GhostEntry start = epochStarts.get(epoch);
        if (start == null) {
            return -2;
        }
        @Nullable GhostEntry at = index > start.index() ? find(index, epoch) : start;
        while (at != null && at.index() > index) {
            at = at.parent;
        }
        return at == null ? -2 : at.chain;
    }

    /// {@return whether a chosen configuration names a storage id, or none is chosen yet}
    boolean mayPromise(UUID storageId) {
        @Nullable GhostConfiguration at = chosen.isEmpty() ? null : chosen.getLast().configuration;
        boolean first = at == null;
        while (at != null) {
            if (at.storageIds().contains(storageId)) {
                return true;
            }
            at = at.previous();
        }
        return first;
    }

    private @Nullable GhostEntry findChain(long index, long chain) {
        @Nullable GhostEntry at =
                index == 0 || index > byIndex.size() ? null : byIndex.get((int) index - 1);
        while (at != null && at.chain != chain) {
            at = at.sibling;
        }
        return at;
    }

    void onAppended(int node, Entry entry, long previousChain, long chain) {
        @Nullable GhostEntry known = find(entry.index(), entry.epoch());
        if (known != null) {
            if (known.chain != chain) {
                throw new Violation(
                        "one content per entry",
                        "node %d appends another %s in partition %s, or behind another log"
                                .formatted(node, entry.position(), partition));
            }
            return;
        }
        @Nullable GhostEntry parent = findChain(entry.index() - 1, previousChain);
        if (parent == null && entry.index() > 1) {
            throw new Violation(
                    "one content per entry",
                    "node %d appends %s of partition %s behind a log that nobody had"
                            .formatted(node, entry.position(), partition));
        }
        @Nullable GhostConfiguration before = parent == null ? null : parent.configuration;
        @Nullable GhostConfiguration configuration =
                entry.kind() == EntryKind.CONFIGURATION
                        ? configurations.read(entry, before)
                        : before;
        if (entry.kind() == EntryKind.CONFIGURATION && before != null) {
            requireSettled(node, entry, before);
        }
        int place = (int) entry.index() - 1;
        @Nullable GhostEntry sibling = place < byIndex.size() ? byIndex.get(place) : null;
        GhostEntry ghost = new GhostEntry(entry, chain, parent, configuration, sibling);
        if (sibling == null) {
            byIndex.add(ghost);
        } else {
            byIndex.set(place, ghost);
        }
        if (entry.kind() == EntryKind.EPOCH_START) {
            onEpochStart(node, ghost);
        }
    }

    /// One change at a time, and none before the epoch start is confirmed (C10).
    private void requireSettled(int node, Entry entry, GhostConfiguration before) {
        @Nullable GhostEntry start = epochStarts.get(entry.epoch());
        if (start == null || !start.chosen || !isChosen(before)) {
            throw new Violation(
                    "one change at a time",
                    "node %d appends %s to partition %s; chosen is up to %d"
                            .formatted(node, entry, partition, chosen.size()));
        }
    }

    private void onEpochStart(int node, GhostEntry start) {
        @Nullable GhostEntry other = epochStarts.put(start.epoch(), start);
        if (other != null) {
            throw new Violation(
                    "one coordinator per epoch",
                    "node %d begins epoch %d of partition %s at index %d, begun at %d"
                            .formatted(
                                    node, start.epoch(), partition, start.index(), other.index()));
        }
        for (GhostEntry earlier : chosenDirectly.headMap(start.epoch()).values()) {
            requireContained(start, earlier);
        }
    }

    private void requireContained(GhostEntry start, GhostEntry earlier) {
        if (!start.contains(earlier)) {
            throw new Violation(
                    "chosen entries survive",
                    "partition %s: the log of epoch %d, begun at index %d, lacks chosen %s"
                            .formatted(
                                    partition,
                                    start.epoch(),
                                    start.index(),
                                    earlier.entry.position()));
        }
    }

    /// {@return what stands behind the chosen log, and on whose stable storage}
    String describeNext() {
        StringBuilder text = new StringBuilder("chosen up to " + chosen.size());
        @Nullable GhostEntry at =
                chosen.size() < byIndex.size() ? byIndex.get(chosen.size()) : null;
        while (at != null) {
            text.append("; ").append(at.entry).append(" on ").append(at.holders);
            text.append(" of ").append(at.configuration);
            at = at.sibling;
        }
        return text.toString();
    }

    /// An entry is stable on one more disk.
    void onDurable(UUID storageId, LogPosition position, long promisedEpoch) {
        if (promisedEpoch > position.epoch()) {
            // Copied in a later epoch: counted through an entry of that epoch only.
            return;
        }
        @Nullable GhostEntry ghost = find(position.index(), position.epoch());
        if (ghost == null || ghost.holders.contains(storageId)) {
            return;
        }
        ghost.holders.add(storageId);
        if (!ghost.chosen && isMet(ghost)) {
            long before = chosen.size();
            choose(ghost);
            for (long index = before + 1; index <= ghost.index(); index++) {
                if (chosenAt(index).entry.kind() == EntryKind.CONFIGURATION) {
                    chooseBehind();
                    return;
                }
            }
        }
    }

    /// A configuration is chosen: what is behind it needs its members only.
    private void chooseBehind() {
        for (int place = byIndex.size() - 1; place >= chosen.size(); place--) {
            @Nullable GhostEntry at = byIndex.get(place);
            while (at != null) {
                if (!at.chosen && isMet(at)) {
                    choose(at);
                }
                at = at.sibling;
            }
        }
    }

    private boolean isMet(GhostEntry ghost) {
        @Nullable GhostConfiguration now = ghost.configuration;
        if (now == null || now.named(ghost.holders) < now.write()) {
            return false;
        }
        @Nullable GhostConfiguration before = now.previous();
        if (before == null || isChosen(now)) {
            return true;
        }
        return now.namedTwice(ghost.holders, before) >= before.replicas() - before.takeover() + 1;
    }

    private boolean isChosen(GhostConfiguration configuration) {
        return configuration.index() <= chosen.size()
                && configuration.equals(chosenAt(configuration.index()).configuration);
    }

    private void choose(GhostEntry ghost) {
        List<GhostEntry> path = new ArrayList<>();
        @Nullable GhostEntry at = ghost;
        while (at != null && !at.chosen) {
            path.add(at);
            at = at.parent;
        }
        long from = at == null ? 0 : at.index();
        if (from != chosen.size()) {
            throw new Violation(
                    "one chosen log",
                    "partition %s: %s is durable on a quorum; chosen at that branch is already %s"
                            .formatted(
                                    partition,
                                    ghost.entry.position(),
                                    chosenAt(from + 1).entry.position()));
        }
        for (int i = path.size() - 1; i >= 0; i--) {
            GhostEntry next = path.get(i);
            next.chosen = true;
            chosen.add(next);
            events.onChosen(next.entry);
        }
        chosenDirectly.merge(ghost.epoch(), ghost, (a, b) -> a.index() > b.index() ? a : b);
        Map<Long, GhostEntry> later = epochStarts.tailMap(ghost.epoch(), false);
        for (GhostEntry start : later.values()) {
            requireContained(start, ghost);
        }
    }
}
