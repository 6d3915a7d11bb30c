package io.ridgeline.simulation.disk;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Condition;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One replica's log as a process sees it: what is on the disk and what it has written since.
final class SimLog implements PartitionLog {
    private final SimBucket bucket;
    private final PartitionId partition;
    private final List<Entry> entries = new ArrayList<>();
    private final LogIndex index = new LogIndex();
    private final List<Entry> configurations = new ArrayList<>();
    private final SimReader reader;
    private long[] chains = new long[64];
    private long[] sequenceEnds = new long[64];
    private UUID storageId;
    private HardState hardState;
    private LogPosition watermark;
    private long durableIndex;

    /// The last entry that a sync covered, whether or not it still stands.
    private LogPosition lastSynced = LogPosition.NONE;

    private @Nullable String blank;

    SimLog(SimBucket bucket, PartitionId partition, LogImage image, @Nullable String blank) {
        this.bucket = bucket;
        this.partition = partition;
        this.storageId = image.storageId;
        this.hardState = image.hardState;
        this.watermark = image.watermark;
        this.blank = blank;
        this.reader = new SimReader(this);
        for (Entry entry : image.entries) {
            add(entry, image.chainAt(entry.index()));
        }
        durableIndex = entries.size();
        lastSynced = last();
        if (watermark.index() > entries.size()) {
            long end = entries.size();
            watermark = new LogPosition(end, epochAt(end));
        }
    }

    private void add(Entry entry, long chain) {
        int size = entries.size();
        if (size == chains.length) {
            chains = Arrays.copyOf(chains, 2 * size);
            sequenceEnds = Arrays.copyOf(sequenceEnds, 2 * size);
        }
        sequenceEnds[size] = sequenceEnd(size) + entry.eventCount();
        chains[size] = chain;
        entries.add(entry);
        index.add(entry);
        if (entry.kind() == EntryKind.CONFIGURATION) {
            configurations.add(entry);
        }
    }

    /// The sequence that follows the events of the first so many entries.
    long sequenceEnd(long entryCount) {
        return entryCount == 0 ? 0 : sequenceEnds[(int) entryCount - 1];
    }

    List<Entry> entries() {
        return entries;
    }

    LogIndex index() {
        return index;
    }

    long chainAt(long index) {
        return index == 0 ? 0 : index > entries.size() ? -1 : chains[(int) index - 1];
    }

    private LogPosition last() {
        return entries.isEmpty() ? LogPosition.NONE : entries.getLast().position();
    }

    @Override
    public LogState state() {
        return new LogState(
                storageId,
                last(),
                bucket.disk().namesSynced()
                        ? lastSynced
                        : new LogPosition(durableIndex, Math.max(0, epochAt(durableIndex))),
                sequenceEnd(entries.size()),
                hardState,
                watermark,
                condition());
    }

    private Condition condition() {
        if (blank != null) {
            return new Condition.Blank(blank);
        }
        SortedSet<Long> damaged = damaged();
        if (damaged.isEmpty()) {
            return new Condition.Clean();
        }
        List<Condition.IndexRange> ranges = new ArrayList<>();
        for (long at : damaged) {
            if (at <= watermark.index()) {
                ranges.add(new Condition.IndexRange(at, at));
            }
        }
        return ranges.isEmpty() ? new Condition.Clean() : new Condition.Damaged(ranges);
    }

    private SortedSet<Long> damaged() {
        LogImage image = bucket.disk().images().get(partition);
        return image == null ? new TreeSet<>() : image.damaged;
    }

    /// {@return whether the stable copy of an entry is bad; what is above the watermark is in
    /// memory}
    boolean isDamaged(long at) {
        LogImage image = bucket.disk().images().get(partition);
        return image != null
                && !image.damaged.isEmpty()
                && image.damaged.contains(at)
                && at <= watermark.index();
    }

    boolean isVerified() {
        return bucket.disk().isKept(DiskRule.READS_ARE_VERIFIED);
    }

    @Override
    public void append(Entry entry) {
        bucket.checkOpen();
        if (entry.index() != entries.size() + 1L
                || entry.epoch() < last().epoch()
                || !entry.partition().equals(partition)) {
            throw new IllegalArgumentException(entry + " does not follow " + last());
        }
        if (entry.kind() == EntryKind.TRANSACTION
                && entry.transaction().firstSequence() != sequenceEnd(entries.size())) {
            throw new IllegalArgumentException(
                    entry
                            + " begins at sequence "
                            + entry.transaction().firstSequence()
                            + ", next is "
                            + sequenceEnd(entries.size()));
        }
        boolean reserved =
                entry.kind() != EntryKind.TRANSACTION
                        && bucket.disk().isKept(DiskRule.SPACE_IS_RESERVED);
        if (bucket.disk().isFull() && !reserved) {
            throw new StorageException(
                    StorageException.Kind.FULL, "no space on the disk of " + bucket.disk().name());
        }
        long before = chainAt(entries.size());
        long chain = LogImage.chain(before, entry);
        add(entry, chain);
        bucket.write(new DiskWrite.Append(partition, entry, chain));
        bucket.disk().observer().onAppended(bucket.node(), partition, entry, before, chain);
    }

    @Override
    public void truncateAfter(long lastIndex) {
        bucket.checkOpen();
        if (lastIndex < watermark.index()) {
            throw new IllegalArgumentException(
                    "truncation after " + lastIndex + ", watermark is " + watermark);
        }
        if (lastIndex >= entries.size()) {
            return;
        }
        Entry first = entries.get((int) lastIndex);
        boolean indexed = bucket.disk().isKept(DiskRule.INDEXES_FOLLOW_TRUNCATION);
        while (entries.size() > lastIndex) {
            Entry dropped = entries.removeLast();
            if (indexed) {
                index.remove(dropped);
            }
            if (dropped.kind() == EntryKind.CONFIGURATION) {
                configurations.removeLast();
            }
        }
        if (bucket.disk().isKept(DiskRule.DURABLE_FOLLOWS_TRUNCATION)) {
            durableIndex = Math.min(durableIndex, lastIndex);
        }
        bucket.write(new DiskWrite.Truncate(partition, lastIndex));
        bucket.disk().observer().onTruncated(bucket.node(), partition, storageId, first);
    }

    @Override
    public void saveHardState(HardState hardState) {
        bucket.checkOpen();
        if (bucket.disk().isFull() && !bucket.disk().isKept(DiskRule.SPACE_IS_RESERVED)) {
            throw new StorageException(
                    StorageException.Kind.FULL, "no space on the disk of " + bucket.disk().name());
        }
        this.hardState = hardState;
        bucket.write(new DiskWrite.Save(partition, hardState));
    }

    @Override
    public void confirm(LogPosition position) {
        if (position.index() <= watermark.index()) {
            return;
        }
        if (epochAt(position.index()) != position.epoch()) {
            throw new IllegalArgumentException(
                    position + " is not in a log that ends at " + last());
        }
        watermark = position;
        if (!bucket.disk().isKept(DiskRule.WATERMARK_WITHIN_DURABLE)) {
            LogImage image = bucket.disk().images().get(partition);
            if (image != null) {
                image.watermark = watermark;
            }
        }
    }

    @Override
    public void format() {
        bucket.checkOpen();
        entries.clear();
        configurations.clear();
        index.clear();
        storageId = bucket.disk().newStorageId(partition);
        hardState = HardState.initial(bucket.disk().name());
        watermark = LogPosition.NONE;
        durableIndex = 0;
        lastSynced = LogPosition.NONE;
        blank = null;
        bucket.write(new DiskWrite.Format(partition, storageId));
        bucket.disk().observer().onTruncated(bucket.node(), partition, storageId, null);
    }

    @Override
    public boolean repair(Entry entry) {
        bucket.checkOpen();
        long at = entry.index();
        if (at > entries.size() || !damaged().contains(at)) {
            return false;
        }
        Entry known = entries.get((int) at - 1);
        if (!known.position().equals(entry.position()) || known.checksum() != entry.checksum()) {
            return false;
        }
        damaged().remove(at);
        return true;
    }

    @Override
    public long epochAt(long index) {
        if (index == 0) {
            return 0;
        }
        return index < 0 || index > entries.size() ? -1 : entries.get((int) index - 1).epoch();
    }

    @Override
    public Optional<Entry> configuration(long lastIndex) {
        for (int i = configurations.size() - 1; i >= 0; i--) {
            if (configurations.get(i).index() <= lastIndex) {
                return Optional.of(configurations.get(i));
            }
        }
        return Optional.empty();
    }

    @Override
    public long lastVersion(StreamKey stream) {
        return index.lastVersion(stream);
    }

    @Override
    public Optional<EventLocation> find(String partitionKey, UUID id) {
        EventLocation location = index.find(partitionKey, id);
        return location == null ? Optional.empty() : Optional.of(reader.checked(location));
    }

    @Override
    public LogReader reader() {
        return reader;
    }

    void recoverFromCache(DiskWrite.Append append) {
        if (append.entry().index() == entries.size() + 1L) {
            add(append.entry(), append.chain());
            durableIndex = entries.size();
            lastSynced = last();
        }
    }

    void recoverFromCache(long truncatedAfter) {
        while (entries.size() > truncatedAfter) {
            Entry dropped = entries.removeLast();
            index.remove(dropped);
            if (dropped.kind() == EntryKind.CONFIGURATION) {
                configurations.removeLast();
            }
        }
        durableIndex = entries.size();
        lastSynced = last();
    }

    void recoverFromCache(HardState saved) {
        hardState = saved;
    }

    /// A sync has reached the stable part of the disk.
    void onDurable(Entry entry) {
        lastSynced = entry.position();
        boolean same =
                entry.index() <= entries.size()
                        && (entries.get((int) entry.index() - 1) == entry
                                || !bucket.disk().isKept(DiskRule.DURABLE_FOLLOWS_TRUNCATION));
        if (same) {
            durableIndex = Math.max(durableIndex, entry.index());
        }
    }

    void saveWatermark() {
        LogImage image = bucket.disk().images().get(partition);
        if (image != null
                && watermark.index() <= durableIndex
                && watermark.index() > image.watermark.index()) {
            image.watermark = watermark;
        }
    }
}
