package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.Member;
import io.ridgeline.engine.membership.Memberships;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogState;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a replica remembers: its log, what it promised, what is durable, what is confirmed, and who
/// counts. The arithmetic of indexes is here and nowhere else.
final class ReplicaLog {
    private static final int TAIL_PAGE_BYTES = 1 << 20;

    private final PartitionReplica replica;
    private final PartitionLog log;
    private final Rules rules;
    private final Memberships memberships;
    private final TailSequences tail = new TailSequences();
    private final Condition condition;

    private UUID storageId;
    private HardState hard;

    /// At or above the hard state's: an empty replica that only learns does not save epochs.
    private long promised;

    private boolean dirty;
    private long hardSavedAt;
    private boolean hardDurable = true;
    private long lastIndex;
    private long lastEpoch;
    private long nextSequence;
    private long durableIndex;
    private LogPosition watermark;
    private LogPosition heardWatermark = LogPosition.NONE;
    private LogPosition savedWatermark;
    private long confirmedSequence;
    private boolean firstNamesSelf;
    private List<UUID> firstMembers = List.of();

    ReplicaLog(PartitionReplica replica, PartitionLog log) {
        this.replica = replica;
        this.log = log;
        this.rules = replica.rules;
        this.memberships = new Memberships(rules);
        LogState state = log.state();
        condition = state.condition();
        storageId = state.storageId();
        hard = state.hardState();
        lastIndex = state.last().index();
        lastEpoch = state.last().epoch();
        promised = Math.max(hard.promisedEpoch(), lastEpoch);
        nextSequence = state.nextSequence();
        durableIndex = state.durable().index();
        watermark = state.watermark();
        savedWatermark = watermark;
        memberships.read(log, watermark.index(), lastIndex);
        if (memberships.proven() > watermark.index()) {
            watermark = new LogPosition(memberships.proven(), epochAt(memberships.proven()));
        }
        readTail();
        checkFirst();
    }

    private void readTail() {
        tail.reset(watermark.index());
        long events = 0;
        for (long at = watermark.index() + 1; at <= lastIndex; ) {
            for (Entry entry : log.reader().entries(at, lastIndex, TAIL_PAGE_BYTES)) {
                events += entry.eventCount();
                at = entry.index() + 1;
            }
        }
        confirmedSequence = nextSequence - events - 1;
        long next = confirmedSequence + 1;
        for (long at = watermark.index() + 1; at <= lastIndex; ) {
            for (Entry entry : log.reader().entries(at, lastIndex, TAIL_PAGE_BYTES)) {
                next += entry.eventCount();
                tail.add(next);
                at = entry.index() + 1;
            }
        }
    }

    private void checkFirst() {
        Optional<Entry> first = lastIndex == 0 ? Optional.empty() : log.configuration(1);
        firstMembers =
                first.isEmpty()
                        ? List.of()
                        : Configuration.decode(first.get().payload()).members().stream()
                                .map(Member::storageId)
                                .toList();
        firstNamesSelf = firstMembers.contains(storageId);
    }

    // ---- the log ----

    /// Appends an entry that was checked.
    void append(Entry entry) {
        if (hard.promisedEpoch() < promised && rules.holds(Rule.EPOCH_SAVED)) {
            // Held back while there was nothing to remember it for.
            saveHardState(promised, nobody());
        }
        log.append(entry);
        lastIndex = entry.index();
        lastEpoch = entry.epoch();
        nextSequence += entry.eventCount();
        tail.add(nextSequence);
        if (entry.kind() == EntryKind.CONFIGURATION) {
            memberships.read(log, watermark.index(), lastIndex);
            if (lastIndex == 1) {
                checkFirst();
            }
        }
        markDirty();
    }

    /// Drops all entries behind an index.
    void truncateAfter(long index) {
        if (index < watermark.index()) {
            throw replica.violation(
                    "would drop " + (index + 1) + " at or below the watermark " + watermark);
        }
        long count = lastIndex - index;
        log.truncateAfter(index);
        replica.host.record(new EngineEvent.EntriesDropped(replica.id, promised, index + 1, count));
        lastIndex = index;
        lastEpoch = log.epochAt(index);
        nextSequence = log.state().nextSequence();
        // What was durable of the dropped says nothing about a successor (C7).
        durableIndex = Math.min(durableIndex, index);
        tail.cut(index);
        memberships.read(log, watermark.index(), lastIndex);
        checkFirst();
        markDirty();
    }

    /// What became of entries that were offered.
    enum Applied {
        /// The log holds all of them.
        HELD,
        /// The entry before them is behind the end of the log.
        GAP,
        /// Another entry stands where the one before them should.
        CONFLICT,
        /// The disk has no space for all of them.
        FULL
    }

    /// Makes the log hold entries that follow a position: skips those that are there, drops its own
    /// from the first that differs, appends the rest.
    ///
    /// @param epochMax no entry may be of a later one
    Applied apply(LogPosition previous, List<Entry> entries, long epochMax) {
        if (previous.index() > lastIndex) {
            return Applied.GAP;
        }
        if (epochAt(previous.index()) != previous.epoch() && rules.holds(Rule.CHAIN_CHECKED)) {
            if (previous.index() <= watermark.index()) {
                throw replica.violation(
                        "coordinator has " + previous + " at or below our watermark " + watermark);
            }
            return Applied.CONFLICT;
        }
        long index = previous.index();
        long epoch = previous.epoch();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            index++;
            if (entry.index() != index
                    || entry.epoch() < epoch
                    || entry.epoch() > epochMax
                    || !entry.partition().equals(replica.id)) {
                throw replica.violation("entry " + entry + " where " + index + " was expected");
            }
            epoch = entry.epoch();
            if (index <= lastIndex) {
                if (epochAt(index) == epoch) {
                    // There already: never a reason to cut what follows it (C15).
                    continue;
                }
                truncateAfter(index - 1);
            }
            check(entry);
            append(entry);
        }
        if (!rules.holds(Rule.CUT_ONLY_WHERE_DIFFERENT) && lastIndex > index) {
            truncateAfter(Math.max(index, watermark.index()));
        }
        confirmProven();
        return Applied.HELD;
    }

    /// A configuration follows only a confirmed one: whoever has it in its log knows that of the
    /// one before it, also after all processes have lost power.
    private void confirmProven() {
        if (memberships.proven() > watermark.index()) {
            confirm(memberships.proven());
        }
    }

    /// Checks what the coordinator assigned (R-ER-4), as far as the own log can be read.
    private void check(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        try {
            checkAssigned(entry);
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            replica.repair.search();
        }
    }

    private void checkAssigned(Entry entry) {
        Transaction transaction = entry.transaction();
        if (transaction.firstSequence() != nextSequence) {
            throw replica.violation(
                    "entry %s begins at sequence %d, next is %d"
                            .formatted(entry, transaction.firstSequence(), nextSequence));
        }
        List<StreamKey> streams = transaction.streams();
        for (int i = 0; i < streams.size(); i++) {
            long last = log.lastVersion(streams.get(i));
            if (transaction.firstVersion(i) != last + 1) {
                throw replica.violation(
                        "entry %s begins stream %s at version %d, last is %d"
                                .formatted(
                                        entry, streams.get(i), transaction.firstVersion(i), last));
            }
        }
        Events events = transaction.events();
        while (events.next()) {
            if (log.find(transaction.partitionKey(), events.id()).isPresent()) {
                throw replica.violation("entry " + entry + " repeats event " + events.id());
            }
        }
    }

    /// {@return the entries from an index on; none if damage was found there}
    List<Entry> entries(long firstIndex, long bound, int bytesMax) {
        return log.reader().entries(firstIndex, bound, bytesMax);
    }

    /// Puts a damaged entry back.
    ///
    /// @return whether it was damaged, and is not any more
    boolean repair(Entry entry) {
        boolean repaired = log.repair(entry);
        if (repaired) {
            markDirty();
        }
        return repaired;
    }

    /// {@return the first index of the epoch that stands at an index}
    long firstOfEpochAt(long index) {
        long epoch = epochAt(index);
        long low = 1;
        long high = index;
        // Epochs never fall along the log.
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (epochAt(middle) < epoch) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    // ---- promises ----

    /// Takes note of a higher epoch that a coordinator rules in.
    void raise(long epoch, Run run) {
        promised = epoch;
        boolean learnsOnly = lastIndex == 0 && hard.promisedEpoch() == 0;
        if (!learnsOnly && rules.holds(Rule.EPOCH_SAVED)) {
            saveHardState(epoch, votes() || mayStandInTheFirst() ? run : nobody());
        }
    }

    /// A crash may keep entries and lose the hard state that was saved with them, which then is
    /// below the last entry's epoch.
    void settleHardState() {
        if (hard.promisedEpoch() < promised) {
            saveHardState(promised, nobody());
        }
    }

    /// To whom a replica that does not vote notes an epoch: a crash may keep the note and lose the
    /// entries that came with it, and an empty log with a promise to somebody says that the replica
    /// stood in the first configuration.
    private Run nobody() {
        return new Run(replica.self, 0);
    }

    /// Promises an epoch; durable after the next sync.
    void promise(long epoch, Run run) {
        promised = epoch;
        saveHardState(epoch, run);
    }

    private void saveHardState(long epoch, Run run) {
        hard = new HardState(epoch, run, hard.history());
        log.saveHardState(hard);
        hardSavedAt = replica.host.syncs();
        hardDurable = false;
        markDirty();
    }

    /// Whether this replica promises and counts: its log says so, and it knows that to be
    /// confirmed; or it stood in the first configuration, for which every replica was asked.
    boolean votes() {
        if (!rules.holds(Rule.BLANK_DOES_NOT_PROMISE)) {
            return true;
        }
        if (firstNamesSelf) {
            return true;
        }
        return rules.holds(Rule.PROMISE_AFTER_READMISSION)
                ? memberships.confirmedNames(replica.self, storageId, watermark.index())
                : memberships.names(replica.self, storageId);
    }

    /// Whether this replica will vote after any restart, and so is as good as one that never lost
    /// its memory: what shows that its readmission is confirmed is itself confirmed and durable
    /// here.
    boolean votesForGood() {
        if (firstNamesSelf) {
            return true;
        }
        Optional<Entry> last = log.configuration(Math.min(watermark.index(), durableIndex));
        Optional<Entry> before =
                last.filter(entry -> entry.index() > 1)
                        .flatMap(entry -> log.configuration(entry.index() - 1));
        return before.isPresent()
                && Configuration.decode(before.get().payload()).names(replica.self, storageId);
    }

    /// Whether this replica has no log, and has promised somebody to stand in the first
    /// configuration. Whether it does, only a log can tell; it votes for whoever shows one.
    boolean mayStandInTheFirst() {
        return lastIndex == 0 && hard.promisedEpoch() > 0 && hard.promisedTo().startedAt() > 0;
    }

    /// {@return the storage ids that the first configuration names}
    List<UUID> firstMembers() {
        return firstMembers;
    }

    /// Makes the replica blank.
    void format() {
        log.format();
        LogState state = log.state();
        storageId = state.storageId();
        hard = state.hardState();
        lastIndex = 0;
        lastEpoch = 0;
        nextSequence = 0;
        durableIndex = 0;
        watermark = LogPosition.NONE;
        heardWatermark = LogPosition.NONE;
        savedWatermark = LogPosition.NONE;
        confirmedSequence = -1;
        tail.reset(0);
        memberships.read(log, 0, 0);
        checkFirst();
        markDirty();
    }

    /// For an engine that resumes a reign after a restart.
    boolean mayResume() {
        return lastIndex > 0
                && hard.promisedTo().node().equals(replica.self)
                && lastEpoch == hard.promisedEpoch();
    }

    // ---- durability and confirmation ----

    /// A sync succeeded.
    ///
    /// @param whole whether nothing was handed to the bucket since it began; if something was, what
    ///   does not name its position counts as durable after the next one only
    void onDurable(boolean whole) {
        dirty = false;
        LogPosition durable = log.state().durable();
        if (!rules.holds(Rule.DURABLE_NAMES_EPOCH) || epochAt(durable.index()) == durable.epoch()) {
            durableIndex = Math.max(durableIndex, durable.index());
        }
        hardDurable = whole || replica.host.syncs() > hardSavedAt + 1;
        if (durableIndex < lastIndex || !hardDurable) {
            markDirty();
        }
        saveWatermark();
    }

    /// Takes a confirmation that was heard.
    void takeWatermark(LogPosition confirmed) {
        if (confirmed.index() <= watermark.index()) {
            return;
        }
        if (confirmed.index() > lastIndex) {
            // Its entry is still under way.
            if (confirmed.index() > heardWatermark.index()) {
                heardWatermark = confirmed;
            }
            return;
        }
        if (epochAt(confirmed.index()) != confirmed.epoch() && rules.holds(Rule.CONFIRM_BY_EPOCH)) {
            return;
        }
        confirm(confirmed.index());
    }

    /// The log has grown: what was heard before may hold now.
    void retakeWatermark() {
        if (heardWatermark.index() > watermark.index() && heardWatermark.index() <= lastIndex) {
            takeWatermark(heardWatermark);
        }
    }

    /// Raises the watermark to an index of this log.
    void confirm(long index) {
        watermark = new LogPosition(index, epochAt(index));
        confirmedSequence = tail.confirm(index) - 1;
        memberships.confirm(index);
        saveWatermark();
        replica.onConfirmed();
    }

    private void saveWatermark() {
        LogPosition saved = watermark;
        if (saved.index() > durableIndex && rules.holds(Rule.WATERMARK_WITHIN_DURABLE)) {
            saved = new LogPosition(durableIndex, epochAt(durableIndex));
        }
        if (saved.index() > savedWatermark.index()) {
            savedWatermark = saved;
            log.confirm(saved);
        }
    }

    // ---- queries ----

    PartitionLog storage() {
        return log;
    }

    Memberships memberships() {
        return memberships;
    }

    Condition condition() {
        return condition;
    }

    UUID storageId() {
        return storageId;
    }

    int history() {
        return hard.history();
    }

    long promised() {
        return promised;
    }

    Run promisedTo() {
        return hard.promisedTo();
    }

    /// Whether the promise is the hard state's, not one that was merely heard.
    boolean isPromiseSaved() {
        return hard.promisedEpoch() == promised;
    }

    /// Whether the promised epoch survives a power cut, so that something of it may be
    /// acknowledged.
    boolean isEpochDurable() {
        return hardDurable;
    }

    boolean isDirty() {
        return dirty;
    }

    LogPosition last() {
        return new LogPosition(lastIndex, lastEpoch);
    }

    long lastIndex() {
        return lastIndex;
    }

    long nextSequence() {
        return nextSequence;
    }

    long durableIndex() {
        return durableIndex;
    }

    LogPosition durable() {
        return new LogPosition(durableIndex, epochAt(durableIndex));
    }

    LogPosition watermark() {
        return watermark;
    }

    long confirmedSequence() {
        return confirmedSequence;
    }

    long epochAt(long index) {
        return index == lastIndex ? lastEpoch : log.epochAt(index);
    }

    @Nullable LogPosition positionAt(long index) {
        long epoch = epochAt(index);
        return epoch < 0 ? null : new LogPosition(index, epoch);
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            replica.host.dirty(replica);
        }
    }
}
