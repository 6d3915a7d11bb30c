package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Direction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.LogState;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.storage.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/// One log of a [MemoryBucket].
public final class MemoryLog implements PartitionLog, LogReader {
    private final MemoryBucket bucket;
    private UUID storageId;
    private Condition condition = new Condition.Clean();
    private List<Entry> entries = new ArrayList<>();
    private final List<Entry> syncedEntries = new ArrayList<>();

    /// How many of the synced entries are still in the log.
    private int syncedKept;

    private HardState hardState = HardState.initial(new NodeId("none"));
    private HardState syncedHardState = hardState;
    private UUID syncedStorageId;
    private LogPosition watermark = LogPosition.NONE;
    private long durableIndex;
    private long nextSequence;
    private final TreeSet<Long> damaged = new TreeSet<>();
    private final Map<StreamKey, Long> heads = new HashMap<>();
    private final Map<IdKey, EventLocation> ids = new HashMap<>();

    private record IdKey(String partitionKey, UUID id) {}

    MemoryLog(PartitionId partition, MemoryBucket bucket) {
        this.bucket = bucket;
        this.storageId = bucket.nextStorageId();
        this.syncedStorageId = storageId;
    }

    void synced() {
        while (syncedEntries.size() > syncedKept) {
            syncedEntries.removeLast();
        }
        syncedEntries.addAll(entries.subList(syncedKept, entries.size()));
        syncedKept = entries.size();
        syncedHardState = hardState;
        syncedStorageId = storageId;
        durableIndex = entries.size();
    }

    void powerCut() {
        entries = new ArrayList<>(syncedEntries);
        syncedKept = entries.size();
        hardState = syncedHardState;
        storageId = syncedStorageId;
        durableIndex = entries.size();
        if (watermark.index() > entries.size()) {
            throw new IllegalStateException("watermark " + watermark + " above the durable log");
        }
        reindex();
    }

    /// Makes entries unreadable; all of them confirmed.
    public void damage(long firstIndex, long lastIndex) {
        for (long i = firstIndex; i <= lastIndex; i++) {
            damaged.add(i);
        }
        condition = new Condition.Damaged(List.of(new Condition.IndexRange(firstIndex, lastIndex)));
    }

    /// {@return all entries}
    public List<Entry> all() {
        return List.copyOf(entries);
    }

    private void reindex() {
        heads.clear();
        ids.clear();
        nextSequence = 0;
        entries.forEach(this::index);
    }

    private void index(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        Transaction transaction = entry.transaction();
        for (int i = 0; i < transaction.streams().size(); i++) {
            heads.put(
                    transaction.streams().get(i),
                    transaction.firstVersion(i) + transaction.eventCount(i) - 1);
        }
        Events events = transaction.events();
        while (events.next()) {
            ids.put(
                    new IdKey(transaction.partitionKey(), events.id()),
                    new EventLocation(entry, events.place()));
        }
        nextSequence += transaction.eventCount();
    }

    @Override
    public LogState state() {
        return new LogState(
                storageId,
                position(entries.size()),
                position(durableIndex),
                nextSequence,
                hardState,
                watermark,
                condition);
    }

    private LogPosition position(long index) {
        return index == 0 ? LogPosition.NONE : entries.get((int) index - 1).position();
    }

    @Override
    public void append(Entry entry) {
        bucket.check();
        long lastEpoch = position(entries.size()).epoch();
        boolean follows =
                entry.index() == entries.size() + 1
                        && entry.epoch() >= lastEpoch
                        && (entry.kind() != EntryKind.TRANSACTION
                                || entry.transaction().firstSequence() == nextSequence);
        if (!follows) {
            throw new IllegalArgumentException(entry + " behind " + position(entries.size()));
        }
        entries.add(entry);
        index(entry);
        bucket.markDirty();
    }

    @Override
    public void truncateAfter(long lastIndex) {
        bucket.check();
        if (lastIndex < watermark.index()) {
            throw new IllegalArgumentException(lastIndex + " is below watermark " + watermark);
        }
        while (entries.size() > lastIndex) {
            entries.removeLast();
        }
        durableIndex = Math.min(durableIndex, lastIndex);
        syncedKept = (int) Math.min(syncedKept, lastIndex);
        reindex();
        bucket.markDirty();
    }

    @Override
    public void saveHardState(HardState state) {
        bucket.check();
        hardState = state;
        bucket.markDirty();
    }

    @Override
    public void confirm(LogPosition confirmed) {
        if (!position(confirmed.index()).equals(confirmed)) {
            throw new IllegalArgumentException(
                    confirmed + " is not here; here is " + position(confirmed.index()));
        }
        if (confirmed.index() > watermark.index()) {
            watermark = confirmed;
        }
    }

    @Override
    public void format() {
        bucket.check();
        storageId = bucket.nextStorageId();
        entries = new ArrayList<>();
        syncedKept = 0;
        hardState = HardState.initial(new NodeId("none"));
        watermark = LogPosition.NONE;
        durableIndex = 0;
        damaged.clear();
        condition = new Condition.Clean();
        reindex();
        bucket.markDirty();
    }

    @Override
    public boolean repair(Entry entry) {
        Entry here = entries.get((int) entry.index() - 1);
        return damaged.contains(entry.index())
                && here.position().equals(entry.position())
                && here.checksum() == entry.checksum()
                && damaged.remove(entry.index());
    }

    @Override
    public long epochAt(long index) {
        if (index == 0) {
            return 0;
        }
        return index < 0 || index > entries.size() ? -1 : position(index).epoch();
    }

    @Override
    public Optional<Entry> configuration(long lastIndex) {
        for (long i = Math.min(lastIndex, entries.size()); i > 0; i--) {
            Entry entry = entries.get((int) i - 1);
            if (entry.kind() == EntryKind.CONFIGURATION) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    @Override
    public long lastVersion(StreamKey stream) {
        return heads.getOrDefault(stream, -1L);
    }

    @Override
    public Optional<EventLocation> find(String partitionKey, UUID id) {
        return Optional.ofNullable(ids.get(new IdKey(partitionKey, id)));
    }

    @Override
    public LogReader reader() {
        return this;
    }

    @Override
    public List<Entry> entries(long firstIndex, long lastIndex, int bytesMax) {
        List<Entry> found = new ArrayList<>();
        int bytes = 0;
        for (long i = firstIndex; i <= Math.min(lastIndex, entries.size()); i++) {
            if (damaged.contains(i)) {
                throw new StorageException(StorageException.Kind.DAMAGED, "index " + i);
            }
            Entry entry = entries.get((int) i - 1);
            bytes += entry.lengthBytes();
            if (!found.isEmpty() && bytes > bytesMax) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    @Override
    public List<Entry> transactions(
            long sequence, Direction direction, long lastIndex, int bytesMax) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.kind() == EntryKind.TRANSACTION
                    && entry.index() <= lastIndex
                    && (direction == Direction.FORWARD
                            ? entry.transaction().lastSequence() >= sequence
                            : entry.transaction().firstSequence() <= sequence)) {
                found.add(entry);
            }
        }
        return direction == Direction.FORWARD ? found : found.reversed();
    }

    @Override
    public List<Entry> stream(
            StreamKey stream, long version, Direction direction, long lastIndex, int bytesMax) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : transactions(0, Direction.FORWARD, lastIndex, bytesMax)) {
            int place = entry.transaction().streams().indexOf(stream);
            if (place < 0) {
                continue;
            }
            long first = entry.transaction().firstVersion(place);
            long last = first + entry.transaction().eventCount(place) - 1;
            if (direction == Direction.FORWARD ? last >= version : first <= version) {
                found.add(entry);
            }
        }
        return direction == Direction.FORWARD ? found : found.reversed();
    }

    @Override
    public Optional<EventLocation> event(String partitionKey, UUID id, long lastIndex) {
        return find(partitionKey, id).filter(found -> found.entry().index() <= lastIndex);
    }

    @Override
    public Optional<EventLocation> event(UUID id, long lastIndex) {
        return ids.entrySet().stream()
                .filter(each -> each.getKey().id().equals(id))
                .map(Map.Entry::getValue)
                .filter(found -> found.entry().index() <= lastIndex)
                .findFirst();
    }
}
