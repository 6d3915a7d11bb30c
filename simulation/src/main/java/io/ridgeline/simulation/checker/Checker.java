package io.ridgeline.simulation.checker;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.Role;
import io.ridgeline.simulation.checker.Operation.Attempt;
import io.ridgeline.simulation.disk.Chains;
import io.ridgeline.simulation.disk.DiskObserver;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Holds every promise of design section 1 against disk contents and against what clients were
/// told, at every event that could break one.
public final class Checker implements DiskObserver {
    private record ReplicaKey(PartitionId partition, UUID storageId) {}

    private record RunKey(PartitionId partition, Run run) {}

    private record EpochKey(PartitionId partition, long epoch) {}

    private final Ledger ledger = new Ledger();
    private final SortedMap<PartitionId, GhostLog> logs = new TreeMap<>();
    private final SortedMap<PartitionId, Long> publishedIndexes = new TreeMap<>();
    private final Map<ReplicaKey, HardState> promises = new HashMap<>();
    private final Map<RunKey, Long> watermarks = new HashMap<>();
    private final Map<EpochKey, Run> coordinators = new HashMap<>();
    private final Map<EpochKey, Long> answered = new HashMap<>();
    private final WireCheck wire = new WireCheck(this);
    private int truncations;

    public Checker(Collection<PartitionId> partitions) {
        for (PartitionId partition : partitions) {
            ChosenEvents events = new ChosenEvents(partition, ledger);
            logs.put(partition, new GhostLog(partition, ConfigurationReader::read, events));
            publishedIndexes.put(partition, 0L);
        }
    }

    private GhostLog log(PartitionId partition) {
        @Nullable GhostLog log = logs.get(partition);
        if (log == null) {
            throw new Violation("known partitions", "partition " + partition + " is none of ours");
        }
        return log;
    }

    /// {@return what clients wanted and were told}
    public Ledger ledger() {
        return ledger;
    }

    /// {@return the chosen events of a partition}
    public ChosenEvents events(PartitionId partition) {
        return log(partition).events();
    }

    /// {@return how far a partition is chosen}
    public long chosenIndex(PartitionId partition) {
        return log(partition).chosenIndex();
    }

    /// {@return how far a partition has been published anywhere}
    public long publishedIndex(PartitionId partition) {
        return publishedIndexes.getOrDefault(partition, 0L);
    }

    /// {@return the hash over the log that ends with an entry; −1 if no disk ever had it}
    public long chainOf(PartitionId partition, LogPosition position) {
        if (position.index() == 0) {
            return 0;
        }
        @Nullable GhostEntry found = log(partition).find(position.index(), position.epoch());
        return found == null ? -1 : found.chain;
    }

    /// A node sends a frame: what it says of its memory must be true.
    public void onSent(Run sender, ByteBuffer frame, StableLogs disk) {
        wire.onSent(sender, frame, disk);
    }

    long chainInEpoch(PartitionId partition, long epoch, long index) {
        return log(partition).chainInEpoch(epoch, index);
    }

    boolean isChosen(PartitionId partition, LogPosition position) {
        return log(partition).isChosen(position);
    }

    boolean isCoordinator(PartitionId partition, long epoch, Run run) {
        @Nullable Run known = coordinators.get(new EpochKey(partition, epoch));
        // Before it has published anything the coordinator is not known.
        return known == null || known.equals(run);
    }

    /// A candidacy begins.
    ///
    /// @param known what the node has published of the partition
    public void onTakeoverStarted(Run run, PartitionId partition, Published known) {
        if (!known.readable()) {
            throw new Violation(
                    "a damaged replica is no candidate",
                    "%s, partition %s: %s".formatted(run, partition, known));
        }
    }

    /// A disk holds a log that is shorter than the watermark that is saved beside it.
    @Override
    public void onShortLog(int node, PartitionId partition, LogPosition watermark, long lastIndex) {
        throw new Violation(
                "the saved watermark is within the durable log",
                "node %d, partition %s: %s is saved, the log ends at %d"
                        .formatted(node, partition, watermark, lastIndex));
    }

    boolean mayPromise(PartitionId partition, UUID storageId) {
        return log(partition).mayPromise(storageId);
    }

    /// {@return how many epochs of a partition have begun}
    public int reigns(PartitionId partition) {
        return log(partition).reigns();
    }

    /// {@return the highest epoch of a partition that has begun}
    public long highestEpoch(PartitionId partition) {
        return log(partition).highestEpoch();
    }

    /// {@return how often entries were dropped}
    public int truncations() {
        return truncations;
    }

    @Override
    public void onAppended(
            int node, PartitionId partition, Entry entry, long previousChain, long chain) {
        if (entry.index() == 1 && entry.kind() == EntryKind.CONFIGURATION) {
            checkFirst(partition, entry);
        }
        log(partition).onAppended(node, entry, previousChain, chain);
    }

    /// The first coordinator of all needs the promise of every replica once (M9).
    private void checkFirst(PartitionId partition, Entry entry) {
        for (UUID id : ConfigurationReader.read(entry, null).storageIds()) {
            @Nullable HardState promise = promises.get(new ReplicaKey(partition, id));
            if (promise == null || promise.promisedEpoch() == 0) {
                throw new Violation(
                        "the first start needs all replicas",
                        "partition %s: %s names %s, which has promised nothing"
                                .formatted(partition, entry, id));
            }
        }
    }

    @Override
    public void onDurable(
            int node,
            PartitionId partition,
            UUID storageId,
            Entry entry,
            long chain,
            long promisedEpoch) {
        log(partition).onDurable(storageId, entry.position(), promisedEpoch);
    }

    /// An entry that some disk has is stable on one more.
    public void onStable(
            PartitionId partition, UUID storageId, LogPosition position, long promisedEpoch) {
        log(partition).onDurable(storageId, position, promisedEpoch);
    }

    @Override
    public void onHardState(int node, PartitionId partition, UUID storageId, HardState hardState) {
        @Nullable HardState before = promises.put(new ReplicaKey(partition, storageId), hardState);
        if (before == null) {
            return;
        }
        boolean kept =
                hardState.promisedEpoch() > before.promisedEpoch()
                        || (hardState.promisedEpoch() == before.promisedEpoch()
                                && hardState.promisedTo().equals(before.promisedTo()));
        if (!kept) {
            throw new Violation(
                    "one promise per epoch",
                    "node %d, partition %s: promised %s, then %s"
                            .formatted(node, partition, before, hardState));
        }
    }

    @Override
    public void onTruncated(
            int node, PartitionId partition, UUID storageId, @Nullable Entry firstDropped) {
        truncations++;
        if (firstDropped != null && log(partition).counts(firstDropped.position(), storageId)) {
            throw new Violation(
                    "what is chosen is never dropped",
                    "node %d, partition %s drops %s"
                            .formatted(node, partition, firstDropped.position()));
        }
    }

    /// A node lets readers know something.
    public void onPublished(Run run, PartitionId partition, Published state, Chains chains) {
        LogPosition watermark = state.watermark();
        GhostLog log = log(partition);
        checkChosen(run, partition, watermark, chains);
        long before = watermarks.merge(new RunKey(partition, run), watermark.index(), Math::max);
        if (before > watermark.index()) {
            throw new Violation(
                    "watermarks never go back",
                    "%s, partition %s: %d after %d"
                            .formatted(run, partition, watermark.index(), before));
        }
        long sequence = log.events().sequenceEnd(watermark.index()) - 1;
        if (state.lastSequence() != sequence) {
            throw new Violation(
                    "watermarks imply a sequence",
                    "%s, partition %s: sequence %d at %s, which is %d"
                            .formatted(run, partition, state.lastSequence(), watermark, sequence));
        }
        if (state.role() == Role.COORDINATING) {
            @Nullable Run other =
                    coordinators.putIfAbsent(new EpochKey(partition, state.epoch()), run);
            if (other != null && !other.equals(run)) {
                throw new Violation(
                        "one coordinator per epoch",
                        "partition %s, epoch %d: %s and %s"
                                .formatted(partition, state.epoch(), other, run));
            }
        }
        publishedIndexes.merge(partition, watermark.index(), Math::max);
    }

    /// Requires that a position is chosen, and that a node's log up to it is the chosen one.
    public void checkChosen(Run run, PartitionId partition, LogPosition position, Chains chains) {
        GhostLog log = log(partition);
        if (!log.isChosen(position)) {
            throw new Violation(
                    "readers see only confirmed events",
                    "%s, partition %s: publishes %s, chosen is up to %d"
                            .formatted(run, partition, position, log.chosenIndex()));
        }
        if (position.index() > 0
                && chains.chainAt(partition, position.index())
                        != log.chosenAt(position.index()).chain) {
            throw new Violation(
                    "replicas are equal",
                    "%s, partition %s: its log up to %s is not the chosen one"
                            .formatted(run, partition, position));
        }
    }

    /// A node answers an append.
    public void onResult(Operation operation, Attempt attempt, AppendResult result) {
        GhostLog log = log(operation.partition());
        ledger.onResult(
                operation, attempt, result, log.events(), log.chosenIndex(), log::describeNext);
    }

    /// A coordinator answers a write that it ordered itself: in log order.
    public void onLocalAnswer(Run run, Attempt attempt, AppendResult.Appended appended) {
        EpochKey key = new EpochKey(appended.partition(), attempt.localEpoch());
        long before = answered.getOrDefault(key, -1L);
        if (appended.firstSequence() <= before) {
            throw new Violation(
                    "answers go out in log order",
                    "%s: %s after sequence %d".formatted(run, appended, before));
        }
        answered.put(key, appended.firstSequence());
    }

    /// A client tries an append.
    ///
    /// @param localEpoch the epoch in which the asked node coordinates; 0 if it does not
    public Attempt onAttempt(Operation operation, long localEpoch) {
        return operation.begin(publishedIndex(operation.partition()), localEpoch);
    }

    /// A node answers a linearizable read.
    ///
    /// @param publishedBefore what had been published anywhere when the read began
    public void onLinearizable(
            Run run,
            PartitionId partition,
            long publishedBefore,
            LogPosition watermark,
            Chains chains) {
        checkChosen(run, partition, watermark, chains);
        if (watermark.index() < publishedBefore) {
            throw new Violation(
                    "linearizable reads are fresh",
                    "%s, partition %s: serves up to %s, %d was readable before it began"
                            .formatted(run, partition, watermark, publishedBefore));
        }
    }

    /// Somebody reads entries.
    public void onRead(PartitionId partition, List<Entry> entries, long firstSequence) {
        ChosenEvents events = log(partition).events();
        long next = firstSequence;
        for (Entry entry : entries) {
            if (entry.kind() != EntryKind.TRANSACTION) {
                throw new Violation("reads hold events", "got " + entry);
            }
            int place = events.placeOf(next);
            if (place >= events.transactions().size()) {
                throw new Violation(
                        "readers see only confirmed events",
                        "partition " + partition + " " + entry);
            }
            Entry chosen = events.transactions().get(place);
            if (!chosen.position().equals(entry.position())
                    || chosen.checksum() != entry.checksum()) {
                throw new Violation(
                        "bytes are never changed",
                        "partition %s: read %s at sequence %d, chosen is %s"
                                .formatted(partition, entry, next, chosen));
            }
            next = entry.transaction().lastSequence() + 1;
        }
    }

    /// Requires that a node has all that is chosen, at the end of a run.
    public void checkComplete(Run run, PartitionId partition, Chains chains, long watermark) {
        GhostLog log = log(partition);
        long end = log.chosenIndex();
        if (watermark < end
                || (end > 0 && chains.chainAt(partition, end) != log.chosenAt(end).chain)) {
            throw new Violation(
                    "replicas become equal",
                    "%s, partition %s: watermark %d, chosen is %d"
                            .formatted(run, partition, watermark, end));
        }
    }
}
