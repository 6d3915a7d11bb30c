package io.ridgeline.simulation.disk;

import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The queries of a log.
final class SimReader implements LogReader {
    private final SimLog log;

    SimReader(SimLog log) {
        this.log = log;
    }

    private Entry checked(Entry entry) {
        if (!log.isDamaged(entry.index())) {
            return entry;
        }
        if (log.isVerified()) {
            throw new StorageException(
                    StorageException.Kind.DAMAGED, "bad checksum at index " + entry.index());
        }
        return flipped(entry);
    }

    /// What a storage serves that does not look at checksums.
    private static Entry flipped(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return entry;
        }
        Transaction transaction = entry.transaction();
        List<NewEvent> events = new ArrayList<>();
        Events at = transaction.events();
        while (at.next()) {
            events.add(
                    new NewEvent(
                            at.id(),
                            at.stream(),
                            at.type(),
                            at.contentType(),
                            at.createdMicros(),
                            at.schemaId(),
                            at.tags(),
                            at.metadata(),
                            ByteBuffer.wrap(new byte[] {'?'})));
        }
        Transaction changed = Transaction.of(transaction.partitionKey(), events);
        long[] versions = new long[transaction.streams().size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = transaction.firstVersion(i);
        }
        changed.assign(transaction.firstSequence(), versions);
        return Entry.of(entry.partition(), entry.position(), changed);
    }

    EventLocation checked(EventLocation location) {
        return new EventLocation(checked(location.entry()), location.place());
    }

    @Override
    public List<Entry> entries(long firstIndex, long lastIndex, int bytesMax) {
        Gathered found = new Gathered(bytesMax);
        long end = Math.min(lastIndex, log.entries().size());
        for (long i = Math.max(1, firstIndex); i <= end; i++) {
            if (!found.add(log.entries().get((int) i - 1))) {
                break;
            }
        }
        return found.entries;
    }

    @Override
    public List<Entry> transactions(
            long sequence, Direction direction, long lastIndex, int bytesMax) {
        List<Entry> bounded =
                log.entries().subList(0, (int) Math.min(lastIndex, log.entries().size()));
        Gathered found = new Gathered(bytesMax);
        boolean forward = direction == Direction.FORWARD;
        for (int i = 0; i < bounded.size(); i++) {
            Entry entry = bounded.get(forward ? i : bounded.size() - 1 - i);
            if (entry.kind() != EntryKind.TRANSACTION) {
                continue;
            }
            Transaction transaction = entry.transaction();
            boolean skip =
                    forward
                            ? transaction.lastSequence() < sequence
                            : transaction.firstSequence() > sequence;
            if (skip) {
                continue;
            }
            if (!found.add(entry)) {
                break;
            }
        }
        return found.entries;
    }

    @Override
    public List<Entry> stream(
            StreamKey stream, long version, Direction direction, long lastIndex, int bytesMax) {
        List<Entry> all = log.index().entriesOf(stream);
        Gathered found = new Gathered(bytesMax);
        boolean forward = direction == Direction.FORWARD;
        for (int i = 0; i < all.size(); i++) {
            Entry entry = all.get(forward ? i : all.size() - 1 - i);
            if (entry.index() > lastIndex) {
                continue;
            }
            int place = entry.transaction().streams().indexOf(stream);
            boolean skip =
                    forward
                            ? LogIndex.lastVersion(entry, stream) < version
                            : entry.transaction().firstVersion(place) > version;
            if (skip) {
                continue;
            }
            if (!found.add(entry)) {
                break;
            }
        }
        return found.entries;
    }

    @Override
    public Optional<EventLocation> event(String partitionKey, UUID id, long lastIndex) {
        EventLocation location = log.index().find(partitionKey, id);
        return location == null || location.entry().index() > lastIndex
                ? Optional.empty()
                : Optional.of(checked(location));
    }

    @Override
    public Optional<EventLocation> event(UUID id, long lastIndex) {
        for (Entry entry : log.entries()) {
            if (entry.index() > lastIndex || entry.kind() != EntryKind.TRANSACTION) {
                continue;
            }
            Events events = entry.transaction().events();
            while (events.next()) {
                if (events.id().equals(id)) {
                    return Optional.of(checked(new EventLocation(entry, events.place())));
                }
            }
        }
        return Optional.empty();
    }

    /// What one query has found so far.
    private final class Gathered {
        private final List<Entry> entries = new ArrayList<>();
        private final long bytesMax;
        private long bytes;

        Gathered(long bytesMax) {
            this.bytesMax = bytesMax;
        }

        /// {@return whether it was taken; the first one always is}
        boolean add(Entry entry) {
            bytes += entry.lengthBytes();
            if (!entries.isEmpty() && bytes > bytesMax) {
                return false;
            }
            entries.add(checked(entry));
            return true;
        }
    }
}
