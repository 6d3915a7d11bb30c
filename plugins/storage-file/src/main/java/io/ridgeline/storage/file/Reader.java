package io.ridgeline.storage.file;

import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.index.DamagedIndexException;
import io.ridgeline.storage.file.index.Generation;
import io.ridgeline.storage.file.index.Hashes;
import io.ridgeline.storage.file.index.Postings;
import io.ridgeline.storage.file.index.Rows;
import io.ridgeline.storage.file.index.RunSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers queries on one log. What is in memory is looked up under the bucket's lock, what is on
/// disk without. Rows leave memory for a run at once, so a query that finds neither looks again.
final class Reader implements LogReader {
    /// Postings that are looked up at a time.
    private static final int POSTINGS_MAX = 512;

    private final Bucket bucket;
    private final Log log;

    Reader(Bucket bucket, Log log) {
        this.bucket = bucket;
        this.log = log;
    }

    private <T> T guarded(Supplier<T> query) {
        bucket.checkReadable();
        try {
            return query.get();
        } catch (DamagedIndexException e) {
            bucket.maintenance.damagedIndex();
            throw new StorageException(
                    StorageException.Kind.DAMAGED,
                    e.getMessage() + "; restart this node to make the indexes anew",
                    e);
        }
    }

    @Override
    public List<Entry> entries(long firstIndex, long lastIndex, int bytesMax) {
        return guarded(() -> readEntries(firstIndex, lastIndex, bytesMax));
    }

    private List<Entry> readEntries(long firstIndex, long lastIndex, int bytesMax) {
        Picks picks = new Picks(bytesMax);
        pickUp(Math.max(firstIndex, 1), lastIndex, 0, false, picks);
        return bucket.entries.read(log, picks);
    }

    /// Picks entries in log order.
    ///
    /// @param sequence leave out entries that end before it, if only transactions are wanted
    private void pickUp(
            long firstIndex, long lastIndex, long sequence, boolean transactions, Picks picks) {
        long index = firstIndex;
        while (picks.isOpen() && index <= lastIndex) {
            try (RunSet runs = bucket.acquireRuns()) {
                RunSet.Cursor cursor = runs.cursor(log.logId);
                while (picks.isOpen() && index <= lastIndex && cursor.seek(index)) {
                    if (!transactions
                            || (cursor.eventCount() > 0
                                    && cursor.firstSequence() + cursor.eventCount() > sequence)) {
                        picks.add(index, cursor.location(), cursor.length(), null);
                    }
                    index++;
                }
            }
            synchronized (bucket.lock) {
                Rows rows = log.rows;
                while (picks.isOpen() && index <= lastIndex && rows.holds(index)) {
                    if (!transactions
                            || isHole(rows, index)
                            || (rows.eventCount(index) > 0
                                    && rows.firstSequence(index) + rows.eventCount(index)
                                            > sequence)) {
                        pickRow(rows, index, picks);
                    }
                    index++;
                }
                if (index >= rows.firstIndex()) {
                    return;
                }
            }
        }
    }

    private static boolean isHole(Rows rows, long index) {
        return rows.location(index) == 0;
    }

    private static void pickRow(Rows rows, long index, Picks picks) {
        picks.add(index, rows.location(index), rows.length(index), rows.entry(index));
    }

    private void pickDown(long firstIndex, long sequence, Picks picks) {
        long index = firstIndex;
        while (picks.isOpen() && index >= 1) {
            synchronized (bucket.lock) {
                Rows rows = log.rows;
                while (picks.isOpen() && rows.holds(index)) {
                    if (isHole(rows, index)
                            || (rows.eventCount(index) > 0
                                    && rows.firstSequence(index) <= sequence)) {
                        pickRow(rows, index, picks);
                    }
                    index--;
                }
            }
            long before = index;
            try (RunSet runs = bucket.acquireRuns()) {
                RunSet.Cursor cursor = runs.cursor(log.logId);
                while (picks.isOpen() && index >= 1 && cursor.seek(index)) {
                    if (cursor.eventCount() > 0 && cursor.firstSequence() <= sequence) {
                        picks.add(index, cursor.location(), cursor.length(), null);
                    }
                    index--;
                }
            }
            if (index == before) {
                return;
            }
        }
    }

    @Override
    public List<Entry> transactions(
            long sequence, Direction direction, long lastIndex, int bytesMax) {
        return guarded(() -> readTransactions(sequence, direction, lastIndex, bytesMax));
    }

    private List<Entry> readTransactions(
            long sequence, Direction direction, long lastIndex, int bytesMax) {
        Picks picks = new Picks(bytesMax);
        if (direction == Direction.FORWARD) {
            long index = indexOfSequence(Math.max(sequence, 0));
            pickUp(Math.max(index, 1), lastIndex, Math.max(sequence, 0), true, picks);
        } else if (sequence >= 0) {
            long index = indexOfSequence(sequence);
            pickDown(Math.min(index, lastIndex), sequence, picks);
        }
        return bucket.entries.read(log, picks);
    }

    /// {@return the last index whose first sequence is not above a sequence; 0 if there is none}
    private long indexOfSequence(long sequence) {
        synchronized (bucket.lock) {
            long index = log.rows.indexOfSequence(sequence);
            if (index >= 0) {
                return index;
            }
        }
        try (RunSet runs = bucket.acquireRuns()) {
            return Math.max(0, runs.indexOfSequence(log.logId, sequence));
        }
    }

    /// {@return the sequence that follows the events up to an index}
    long nextSequenceAfter(long index) {
        if (index == 0) {
            return 0;
        }
        synchronized (bucket.lock) {
            if (log.rows.holds(index)) {
                return log.rows.firstSequence(index) + log.rows.eventCount(index);
            }
        }
        try (RunSet runs = bucket.acquireRuns()) {
            RunSet.Cursor cursor = runs.cursor(log.logId);
            if (!cursor.seek(index)) {
                throw new IllegalStateException("index " + index + " is in no run");
            }
            return cursor.firstSequence() + cursor.eventCount();
        }
    }

    long epochAt(long index) {
        return guarded(() -> findEpoch(index));
    }

    private long findEpoch(long index) {
        synchronized (bucket.lock) {
            if (log.rows.holds(index)) {
                return log.rows.epoch(index);
            }
        }
        try (RunSet runs = bucket.acquireRuns()) {
            RunSet.Cursor cursor = runs.cursor(log.logId);
            return cursor.seek(index) ? cursor.epoch() : -1;
        }
    }

    Optional<Entry> configuration(long lastIndex) {
        return guarded(() -> findConfiguration(lastIndex));
    }

    private Optional<Entry> findConfiguration(long lastIndex) {
        long index;
        synchronized (bucket.lock) {
            index = log.rows.lastConfiguration(lastIndex);
        }
        if (index < 0) {
            try (RunSet runs = bucket.acquireRuns()) {
                index = runs.lastConfiguration(log.logId, lastIndex);
            }
        }
        return index < 1 ? Optional.empty() : Optional.of(entry(index));
    }

    private @Nullable Picks place(long index) {
        Picks picks = new Picks(1);
        pickUp(index, index, 0, false, picks);
        return picks.count() == 0 ? null : picks;
    }

    /// {@return the entry at an index that exists}
    private Entry entry(long index) {
        @Nullable Picks place = place(index);
        if (place == null) {
            throw new StorageException(
                    StorageException.Kind.DAMAGED,
                    "partition " + log.partition + " has no entry " + index);
        }
        return bucket.entries.read(log, place).getFirst();
    }

    /// {@return whether there should be an entry and it cannot be read}
    boolean isDamaged(long index) {
        @Nullable Picks place = place(index);
        if (place == null) {
            return false;
        }
        try {
            bucket.entries.read(log, place);
            return false;
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            return true;
        }
    }

    /// {@return whether an entry is what stood at its index, as far as that is known}
    boolean fits(Entry entry) {
        synchronized (bucket.lock) {
            Rows rows = log.rows;
            if (rows.holds(entry.index()) && isHole(rows, entry.index())) {
                return fitsHole(rows, entry);
            }
        }
        @Nullable Picks place = place(entry.index());
        if (place == null || epochAt(entry.index()) != entry.epoch()) {
            return false;
        }
        long sequence = nextSequenceAfter(entry.index()) - entry.eventCount();
        return place.length(0) == entry.lengthBytes()
                && (entry.kind() != EntryKind.TRANSACTION
                        || entry.transaction().firstSequence() == sequence);
    }

    /// Where nothing was read, what stands before and behind still bounds epoch and sequences.
    private static boolean fitsHole(Rows rows, Entry entry) {
        long index = entry.index();
        if (rows.holds(index - 1) && rows.epoch(index - 1) > entry.epoch()) {
            return false;
        }
        long next = index + 1;
        while (rows.holds(next) && isHole(rows, next)) {
            next++;
        }
        if (rows.holds(next) && rows.epoch(next) < entry.epoch()) {
            return false;
        }
        // An entry without events behind it does not say how many are missing.
        while (rows.holds(next) && rows.eventCount(next) == 0) {
            next++;
        }
        long firstSequence = rows.firstSequence(index);
        long sequenceEnd = rows.holds(next) ? rows.firstSequence(next) : Long.MAX_VALUE;
        return entry.kind() != EntryKind.TRANSACTION
                || (entry.transaction().firstSequence() >= firstSequence
                        && entry.transaction().lastSequence() < sequenceEnd);
    }

    @Override
    public List<Entry> stream(
            StreamKey stream, long version, Direction direction, long lastIndex, int bytesMax) {
        return guarded(() -> readStream(stream, version, direction, lastIndex, bytesMax));
    }

    private List<Entry> readStream(
            StreamKey stream, long version, Direction direction, long lastIndex, int bytesMax) {
        if (direction == Direction.BACKWARD) {
            return version < 0 ? List.of() : backward(stream, version, lastIndex, bytesMax);
        }
        long from = Math.max(version, 0);
        List<Entry> found = new ArrayList<>(backward(stream, from, lastIndex, 1));
        long bytes = 0;
        long next = from;
        if (!found.isEmpty()) {
            long end = end(found.getFirst(), stream);
            if (end <= from) {
                // Nothing holds the version, since the last one before it ends.
                found.clear();
            } else {
                next = end;
                bytes = found.getFirst().lengthBytes();
            }
        }
        forward(stream, next, lastIndex, bytesMax, bytes, found);
        return found;
    }

    /// Adds entries that begin at a version or behind it.
    private void forward(
            StreamKey stream,
            long version,
            long lastIndex,
            int bytesMax,
            long bytesBefore,
            List<Entry> found) {
        long bytes = bytesBefore;
        long behind = version - 1;
        int most = bytesMax < 4096 ? 16 : POSTINGS_MAX;
        while (found.isEmpty() || bytes < bytesMax) {
            Postings postings = postings(stream, behind, Direction.FORWARD, most);
            if (postings.count() == 0) {
                return;
            }
            behind = postings.version(postings.count() - 1);
            for (Entry entry :
                    read(stream, postings, lastIndex, (int) Math.max(1, bytesMax - bytes))) {
                if (found.isEmpty() || bytes < bytesMax) {
                    found.add(entry);
                    bytes += entry.lengthBytes();
                } else {
                    return;
                }
            }
            if (postings.index(postings.count() - 1) > lastIndex) {
                return;
            }
        }
    }

    private List<Entry> backward(StreamKey stream, long version, long lastIndex, int bytesMax) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        long upTo = version;
        int most = bytesMax < 4096 ? 8 : POSTINGS_MAX;
        while (found.isEmpty() || bytes < bytesMax) {
            Postings postings = postings(stream, upTo, Direction.BACKWARD, most);
            if (postings.count() == 0) {
                return found;
            }
            upTo = postings.version(postings.count() - 1) - 1;
            for (Entry entry :
                    read(stream, postings, lastIndex, (int) Math.max(1, bytesMax - bytes))) {
                if (!found.isEmpty() && bytes >= bytesMax) {
                    return found;
                }
                found.add(entry);
                bytes += entry.lengthBytes();
            }
        }
        return found;
    }

    /// Reads what hashes found and keeps what was asked for: another stream may have the same hash.
    private List<Entry> read(StreamKey stream, Postings postings, long lastIndex, int bytesMax) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        int next = 0;
        while (next < postings.count() && (found.isEmpty() || bytes < bytesMax)) {
            Picks picks = new Picks((int) (bytesMax - bytes));
            while (next < postings.count() && picks.isOpen()) {
                long index = postings.index(next++);
                if (index <= lastIndex) {
                    pickUp(index, index, 0, false, picks);
                }
            }
            int wanted = picks.count();
            List<Entry> entries = bucket.entries.read(log, picks);
            for (Entry entry : entries) {
                if (place(entry, stream) >= 0) {
                    found.add(entry);
                    bytes += entry.lengthBytes();
                }
            }
            if (entries.size() < wanted) {
                if (found.isEmpty()) {
                    throw new StorageException(
                            StorageException.Kind.DAMAGED,
                            "an entry of " + stream + " cannot be read");
                }
                return found;
            }
        }
        return found;
    }

    private static int place(Entry entry, StreamKey stream) {
        return entry.kind() == EntryKind.TRANSACTION
                ? entry.transaction().streams().indexOf(stream)
                : -1;
    }

    /// {@return the version behind an entry's events of a stream}
    private static long end(Entry entry, StreamKey stream) {
        Transaction transaction = entry.transaction();
        int place = place(entry, stream);
        return transaction.firstVersion(place) + transaction.eventCount(place);
    }

    /// {@return postings up to a version, newest first, or behind it, oldest first}
    private Postings postings(StreamKey stream, long version, Direction direction, int most) {
        Postings found = new Postings();
        boolean forward = direction == Direction.FORWARD;
        long key = log.streamKey(stream);
        RunSet runs;
        synchronized (bucket.lock) {
            runs = bucket.acquireRuns();
            for (Generation generation : bucket.generations) {
                if (forward) {
                    generation.postingsBehind(key, log.logId, version, most, found);
                } else {
                    generation.postingsUpTo(key, log.logId, version, most, found);
                }
            }
        }
        try (runs) {
            runs.postings(key, version, forward, most, found);
        }
        found.sort(forward, most);
        return found;
    }

    /// {@return the last version of a stream, −1 without events}
    long lastVersion(StreamKey stream) {
        return guarded(() -> newestVersion(stream));
    }

    private long newestVersion(StreamKey stream) {
        List<Entry> newest = backward(stream, Long.MAX_VALUE, Long.MAX_VALUE, 1);
        return newest.isEmpty() ? -1 : end(newest.getFirst(), stream) - 1;
    }

    @Override
    public Optional<EventLocation> event(String partitionKey, UUID id, long lastIndex) {
        return guarded(() -> findEvent(partitionKey, id, lastIndex));
    }

    private Optional<EventLocation> findEvent(String partitionKey, UUID id, long lastIndex) {
        long key =
                Hashes.id(
                        log.salt,
                        bucket.hashes().text(partitionKey),
                        id.getMostSignificantBits(),
                        id.getLeastSignificantBits());
        Postings candidates = new Postings();
        RunSet runs;
        synchronized (bucket.lock) {
            runs = bucket.acquireRuns();
            for (Generation generation : bucket.generations) {
                generation.findId(key, log.logId, candidates);
            }
        }
        try (runs) {
            runs.findId(key, false, candidates);
        }
        return event(candidates, partitionKey, id, lastIndex);
    }

    @Override
    public Optional<EventLocation> event(UUID id, long lastIndex) {
        return guarded(() -> findEvent(id, lastIndex));
    }

    private Optional<EventLocation> findEvent(UUID id, long lastIndex) {
        long key =
                Hashes.id(log.salt, 0, id.getMostSignificantBits(), id.getLeastSignificantBits());
        Postings candidates = new Postings();
        RunSet runs;
        synchronized (bucket.lock) {
            runs = bucket.acquireRuns();
            for (Generation generation : bucket.generations) {
                generation.findIdOfAnyKey(key, log.logId, candidates);
            }
        }
        try (runs) {
            runs.findId(key, true, candidates);
        }
        return event(candidates, null, id, lastIndex);
    }

    private Optional<EventLocation> event(
            Postings candidates, @Nullable String partitionKey, UUID id, long lastIndex) {
        for (int i = 0; i < candidates.count(); i++) {
            long index = candidates.index(i);
            if (index > lastIndex) {
                continue;
            }
            @Nullable Picks place = place(index);
            if (place == null) {
                // Of a log that was formatted, or another's with the same hash.
                continue;
            }
            Entry entry = bucket.entries.read(log, place).getFirst();
            int found = placeOf(entry, partitionKey, id);
            if (found >= 0) {
                return Optional.of(new EventLocation(entry, found));
            }
        }
        return Optional.empty();
    }

    private static int placeOf(Entry entry, @Nullable String partitionKey, UUID id) {
        if (entry.kind() != EntryKind.TRANSACTION
                || (partitionKey != null
                        && !entry.transaction().partitionKey().equals(partitionKey))) {
            return -1;
        }
        Events events = entry.transaction().events();
        while (events.next()) {
            if (events.idHigh() == id.getMostSignificantBits()
                    && events.idLow() == id.getLeastSignificantBits()) {
                return events.place();
            }
        }
        return -1;
    }
}
