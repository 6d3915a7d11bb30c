package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult.Appended;
import io.ridgeline.engine.AppendResult.EventIdConflict;
import io.ridgeline.engine.AppendResult.EventIdConflict.Reason;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.PartitionLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Decides by event ids: a transaction is new, a repeat, or wrong (protocol review, C13, M11).
///
/// It is a repeat if all its events are there, one behind the other, with the same content; how
/// they were cut into transactions then does not matter.
final class IdCheck {
    /// Up to here two loops beat a set.
    private static final int LOOPS_MAX = 12;

    private final PartitionId partition;
    private final PartitionLog log;
    private final Rules rules;

    IdCheck(PartitionId partition, PartitionLog log, Rules rules) {
        this.partition = partition;
        this.log = log;
        this.rules = rules;
    }

    /// What the ids say.
    sealed interface Outcome {
        /// None of them is there.
        record New() implements Outcome {}

        /// All of them are there.
        ///
        /// @param lastIndex of the entry that holds the last of them
        record Repeat(Appended result, long lastIndex) implements Outcome {}

        /// They are not to be had.
        record Wrong(EventIdConflict result) implements Outcome {}
    }

    private static final Outcome.New NEW = new Outcome.New();

    /// @param lastIndex bound of the lookup, inclusive
    Outcome check(Transaction transaction, int history, long lastIndex) {
        String key = transaction.partitionKey();
        Events events = transaction.events();
        @Nullable EventLocation first = null;
        @Nullable UUID missing = null;
        while (events.next()) {
            UUID id = events.id();
            @Nullable EventLocation found = find(key, id, lastIndex);
            if (found == null) {
                missing = missing == null ? id : missing;
            } else if (first == null) {
                first = found;
                if (missing == null && isWhole(found, transaction)) {
                    return repeat(found.entry().transaction(), history, found.entry().index());
                }
            }
        }
        if (first == null) {
            @Nullable UUID twice = repeated(transaction);
            return twice == null ? NEW : wrong(twice, Reason.REPEATED_IN_TRANSACTION);
        }
        if (missing != null) {
            return wrong(missing, Reason.MIXED);
        }
        return compare(transaction, history, lastIndex);
    }

    private @Nullable EventLocation find(String key, UUID id, long lastIndex) {
        Optional<EventLocation> found = log.find(key, id);
        if (found.isEmpty()) {
            return null;
        }
        return found.get().entry().index() <= lastIndex ? found.get() : null;
    }

    private boolean isWhole(EventLocation location, Transaction transaction) {
        return location.place() == 0
                && (location.entry().transaction().sameContent(transaction)
                        || !rules.holds(Rule.CONTENT_COMPARED));
    }

    private Outcome repeat(Transaction first, int history, long index) {
        List<StreamVersions> streams = new ArrayList<>(first.streams().size());
        for (int i = 0; i < first.streams().size(); i++) {
            long version = first.firstVersion(i);
            streams.add(
                    new StreamVersions(
                            first.streams().get(i), version, version + first.eventCount(i) - 1));
        }
        return new Outcome.Repeat(
                new Appended(
                        partition,
                        history,
                        first.firstSequence(),
                        first.lastSequence(),
                        streams,
                        true),
                index);
    }

    /// All ids are there: are they the same events, one behind the other?
    private Outcome compare(Transaction transaction, int history, long bound) {
        String key = transaction.partitionKey();
        Map<StreamKey, StreamVersions> streams = new LinkedHashMap<>();
        Events mine = transaction.events();
        @Nullable Events theirs = null;
        long entryIndex = 0;
        long firstSequence = -1;
        long sequence = -1;
        while (mine.next()) {
            @Nullable EventLocation found = find(key, mine.id(), bound);
            if (found == null) {
                return wrong(mine.id(), Reason.MIXED);
            }
            if (theirs == null || found.entry().index() != entryIndex) {
                theirs = found.entry().transaction().events();
                entryIndex = found.entry().index();
            }
            long expected = found.entry().transaction().firstSequence() + found.place();
            if (sequence >= 0 && expected != sequence + 1) {
                return wrong(mine.id(), Reason.OTHER_ORDER);
            }
            while (theirs.place() < found.place() && theirs.next()) {
                // Moves to the event; places only rise within an entry, as checked above.
            }
            if (!mine.sameContent(theirs)) {
                return wrong(mine.id(), Reason.OTHER_CONTENT);
            }
            sequence = expected;
            firstSequence = firstSequence < 0 ? sequence : firstSequence;
            long version = theirs.version();
            streams.merge(
                    new StreamKey(key, mine.stream()),
                    new StreamVersions(new StreamKey(key, mine.stream()), version, version),
                    (a, b) -> new StreamVersions(a.stream(), a.firstVersion(), b.lastVersion()));
        }
        return new Outcome.Repeat(
                new Appended(
                        partition,
                        history,
                        firstSequence,
                        sequence,
                        List.copyOf(streams.values()),
                        true),
                entryIndex);
    }

    private Outcome wrong(UUID id, Reason reason) {
        return new Outcome.Wrong(new EventIdConflict(partition, id, reason));
    }

    /// An id that a transaction names twice, or null.
    static @Nullable UUID repeated(Transaction transaction) {
        int count = transaction.eventCount();
        if (count == 1) {
            return null;
        }
        if (count > LOOPS_MAX) {
            Set<UUID> seen = new HashSet<>(2 * count);
            Events events = transaction.events();
            while (events.next()) {
                UUID id = events.id();
                if (!seen.add(id)) {
                    return id;
                }
            }
            return null;
        }
        long[] ids = new long[2 * count];
        Events events = transaction.events();
        for (int i = 0; events.next(); i++) {
            long high = events.idHigh();
            long low = events.idLow();
            for (int j = 0; j < i; j++) {
                if (ids[2 * j] == high && ids[2 * j + 1] == low) {
                    return new UUID(high, low);
                }
            }
            ids[2 * i] = high;
            ids[2 * i + 1] = low;
        }
        return null;
    }
}
