package io.ridgeline.storage.file;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.LogState;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.index.Generation;
import io.ridgeline.storage.file.index.Hashes;
import io.ridgeline.storage.file.index.LogIndex;
import io.ridgeline.storage.file.index.Rows;
import io.ridgeline.storage.file.segment.Location;
import io.ridgeline.storage.file.segment.Records;
import java.util.Optional;
import java.util.UUID;

/// The log of one partition.
///
/// The owner changes the fields below under the bucket's lock, so that it may read them without;
/// others take the lock.
final class Log implements PartitionLog {
    /// The largest entry that is taken.
    static final int ENTRY_BYTES_MAX = 16 << 20;

    final PartitionId partition;
    private final Bucket bucket;
    private final Reader reader;

    int logId;
    long salt;
    UUID storageId;
    HardState hardState;
    LogPosition last = LogPosition.NONE;
    LogPosition durable = LogPosition.NONE;
    LogPosition watermark = LogPosition.NONE;
    long nextSequence;

    /// Entries behind this one may be cut later, as recovery knows beforehand.
    long keptIndex = Long.MAX_VALUE;

    Rows rows = new Rows(1);
    final Damage damage = new Damage();

    Log(PartitionId partition, Bucket bucket, int logId, UUID storageId) {
        this.partition = partition;
        this.bucket = bucket;
        this.logId = logId;
        this.salt = bucket.hashes().logSalt(logId);
        this.storageId = storageId;
        this.hardState = HardState.initial(bucket.self());
        this.reader = new Reader(bucket, this);
    }

    @Override
    public LogState state() {
        return new LogState(
                storageId, last, durable, nextSequence, hardState, watermark, damage.condition());
    }

    @Override
    public void append(Entry entry) {
        bucket.checkWritable();
        if (!entry.partition().equals(partition)
                || entry.index() != last.index() + 1
                || entry.epoch() < last.epoch()) {
            throw new IllegalArgumentException(
                    entry + " does not follow " + last + " of partition " + partition);
        }
        if (entry.lengthBytes() > ENTRY_BYTES_MAX) {
            throw new StorageException(
                    StorageException.Kind.TOO_LARGE,
                    entry + ": this storage takes " + ENTRY_BYTES_MAX + " bytes");
        }
        if (entry.kind() == EntryKind.TRANSACTION && !mayFollow(entry.transaction())) {
            throw new IllegalArgumentException(
                    "%s begins at sequence %d, next of partition %s is %d"
                            .formatted(
                                    entry,
                                    entry.transaction().firstSequence(),
                                    partition,
                                    nextSequence));
        }
        long location;
        if (entry.kind() == EntryKind.TRANSACTION) {
            location = bucket.putClients(this, entry.encoded());
            nextSequence = entry.transaction().firstSequence();
        } else {
            location = bucket.put(this, entry.encoded(), false);
        }
        added(entry, location);
    }

    /// Entries that are missing, and will be repaired, may have had events.
    private boolean mayFollow(Transaction transaction) {
        long sequence = transaction.firstSequence();
        return sequence == nextSequence || (sequence > nextSequence && rows.endsBehindGap());
    }

    /// Notes an entry that stands at a location.
    void added(Entry entry, long location) {
        synchronized (bucket.lock) {
            rows.add(
                    location,
                    entry.lengthBytes(),
                    entry.eventCount(),
                    nextSequence,
                    entry.epoch(),
                    entry.kind().code(),
                    entry);
            index(entry, bucket.generation());
            last = entry.position();
            nextSequence += entry.eventCount();
            bucket.recent(entry);
        }
    }

    /// Indexes ids and streams of an entry.
    void index(Entry entry, Generation generation) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        Transaction transaction = entry.transaction();
        long both = LogIndex.of(logId, entry.index());
        long key = bucket.hashes().text(transaction.partitionKey());
        Events events = transaction.events();
        while (events.next()) {
            generation.addId(Hashes.id(salt, key, events.idHigh(), events.idLow()), both);
        }
        for (int i = 0; i < transaction.streams().size(); i++) {
            StreamKey stream = transaction.streams().get(i);
            generation.addPosting(streamKey(stream, key), transaction.firstVersion(i), both);
            bucket.heads.put(
                    this, stream, transaction.firstVersion(i) + transaction.eventCount(i) - 1);
        }
    }

    long streamKey(StreamKey stream) {
        return streamKey(stream, bucket.hashes().text(stream.partitionKey()));
    }

    private long streamKey(StreamKey stream, long partitionKey) {
        long name =
                stream.stream().equals(stream.partitionKey())
                        ? partitionKey
                        : bucket.hashes().text(stream.stream());
        return Hashes.stream(salt, partitionKey, name);
    }

    @Override
    public void truncateAfter(long lastIndex) {
        bucket.checkWritable();
        if (lastIndex < watermark.index()) {
            throw new IllegalArgumentException(
                    "cut of partition "
                            + partition
                            + " behind "
                            + lastIndex
                            + ", confirmed is "
                            + watermark);
        }
        if (lastIndex < last.index()) {
            bucket.put(this, Records.truncate(partition, lastIndex), true);
            truncated(lastIndex);
        }
    }

    /// Drops what was noted behind an index.
    void truncated(long lastIndex) {
        synchronized (bucket.lock) {
            bucket.hasUnsyncedCuts = true;
            long kept = lastIndex;
            nextSequence = reader.nextSequenceAfter(kept);
            last = new LogPosition(kept, epochAt(kept));
            rows.truncateAfter(kept);
            if (durable.index() > kept) {
                durable = last;
            }
            damage.truncateAfter(kept);
            int id = logId;
            bucket.retain(both -> LogIndex.logId(both) != id || LogIndex.index(both) <= kept);
            bucket.heads.removeAll(this);
        }
    }

    @Override
    public void saveHardState(HardState newState) {
        bucket.checkWritable();
        bucket.put(this, Records.hardState(partition, newState), true);
        hardState = newState;
    }

    @Override
    public void confirm(LogPosition position) {
        bucket.checkWritable();
        if (position.index() <= watermark.index()) {
            return;
        }
        if (epochAt(position.index()) != position.epoch()) {
            throw new IllegalArgumentException(
                    position + " is not in the log of partition " + partition + ", last " + last);
        }
        synchronized (bucket.lock) {
            watermark = position;
        }
        bucket.watermarks.changed();
    }

    @Override
    public void format() {
        bucket.checkWritable();
        Records.Format format = bucket.newFormat();
        bucket.put(this, Records.format(partition, format), true);
        formatted(format);
    }

    /// Begins anew.
    void formatted(Records.Format format) {
        synchronized (bucket.lock) {
            bucket.hasUnsyncedCuts = true;
            int old = logId;
            bucket.retain(both -> LogIndex.logId(both) != old);
            bucket.heads.removeAll(this);
            logId = format.logId();
            salt = bucket.hashes().logSalt(logId);
            storageId = format.storageId();
            hardState = HardState.initial(bucket.self());
            last = LogPosition.NONE;
            durable = LogPosition.NONE;
            watermark = LogPosition.NONE;
            nextSequence = 0;
            rows = new Rows(1);
            damage.clear();
        }
    }

    @Override
    public boolean repair(Entry entry) {
        bucket.checkWritable();
        if (!entry.partition().equals(partition)
                || entry.index() > watermark.index()
                || !reader.isDamaged(entry.index())
                || !reader.fits(entry)) {
            return false;
        }
        long location = bucket.putClients(this, entry.encoded());
        repaired(entry, location);
        return true;
    }

    /// Notes that an entry whose place was damaged lies elsewhere.
    void repaired(Entry entry, long location) {
        synchronized (bucket.lock) {
            if (rows.holds(entry.index())) {
                fill(entry, location);
            } else {
                bucket.entries.repaired(
                        new Manifest.Place(
                                logId,
                                entry.index(),
                                location,
                                entry.lengthBytes(),
                                entry.eventCount(),
                                0,
                                entry.epoch(),
                                entry.kind().code()),
                        entry);
            }
            damage.repaired(entry.index());
        }
    }

    private void fill(Entry entry, long location) {
        if (rows.location(entry.index()) == Location.NOWHERE) {
            // It was not indexed either, and its postings belong before those that are.
            Generation earlier = new Generation();
            index(entry, earlier);
            bucket.generations.addFirst(earlier);
            bucket.heads.removeAll(this);
        }
        long sequence =
                entry.kind() == EntryKind.TRANSACTION
                        ? entry.transaction().firstSequence()
                        : reader.nextSequenceAfter(entry.index() - 1);
        rows.fill(
                entry.index(),
                location,
                entry.lengthBytes(),
                entry.eventCount(),
                sequence,
                entry.epoch(),
                entry.kind().code(),
                entry);
        if (rows.settleSequences(entry.index())) {
            long end = rows.indexEnd() - 1;
            nextSequence = rows.firstSequence(end) + rows.eventCount(end);
        }
        bucket.recent(entry);
    }

    @Override
    public long epochAt(long index) {
        return index == 0 ? 0 : reader.epochAt(index);
    }

    @Override
    public Optional<Entry> configuration(long lastIndex) {
        return reader.configuration(lastIndex);
    }

    @Override
    public long lastVersion(StreamKey stream) {
        long known = bucket.heads.get(this, stream);
        if (known != Heads.UNKNOWN) {
            return known;
        }
        long version = reader.lastVersion(stream);
        bucket.heads.put(this, stream, version);
        return version;
    }

    @Override
    public Optional<EventLocation> find(String partitionKey, UUID id) {
        return reader.event(partitionKey, id, Long.MAX_VALUE);
    }

    @Override
    public LogReader reader() {
        return reader;
    }
}
