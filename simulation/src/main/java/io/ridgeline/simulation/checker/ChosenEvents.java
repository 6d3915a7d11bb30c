package io.ridgeline.simulation.checker;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The events of the chosen log: sequences and versions without gaps, each id once.
public final class ChosenEvents {
    private record IdKey(String partitionKey, UUID id) {}

    /// Versions of one stream: after entry `index` the last version is `version`.
    private record Head(long index, long version) {}

    private final PartitionId partition;
    private final Ledger ledger;
    private final Map<IdKey, Entry> byId = new HashMap<>();
    private final Map<StreamKey, List<Head>> heads = new HashMap<>();
    private final List<Long> sequenceEnds = new ArrayList<>();
    private final List<Entry> transactions = new ArrayList<>();
    private long nextSequence;

    ChosenEvents(PartitionId partition, Ledger ledger) {
        this.partition = partition;
        this.ledger = ledger;
    }

    void onChosen(Entry entry) {
        if (entry.kind() == EntryKind.TRANSACTION) {
            onTransaction(entry, entry.transaction());
        }
        sequenceEnds.add(nextSequence);
    }

    private void onTransaction(Entry entry, Transaction transaction) {
        if (transaction.firstSequence() != nextSequence) {
            throw new Violation(
                    "gapless sequences",
                    "partition %s: %s has sequence %d, next is %d"
                            .formatted(
                                    partition,
                                    entry.position(),
                                    transaction.firstSequence(),
                                    nextSequence));
        }
        nextSequence += transaction.eventCount();
        ledger.onChosen(this, entry, transaction);
        for (int i = 0; i < transaction.streams().size(); i++) {
            StreamKey stream = transaction.streams().get(i);
            long last = lastVersion(stream, Long.MAX_VALUE);
            if (transaction.firstVersion(i) != last + 1) {
                throw new Violation(
                        "gapless versions",
                        "partition %s: %s gives %s version %d behind %d"
                                .formatted(
                                        partition,
                                        entry.position(),
                                        stream.stream(),
                                        transaction.firstVersion(i),
                                        last));
            }
            heads.computeIfAbsent(stream, _ -> new ArrayList<>())
                    .add(new Head(entry.index(), last + transaction.eventCount(i)));
        }
        Events events = transaction.events();
        while (events.next()) {
            @Nullable Entry first =
                    byId.putIfAbsent(new IdKey(transaction.partitionKey(), events.id()), entry);
            if (first != null) {
                throw new Violation(
                        "one effect per id",
                        "partition %s: event %s at %s and again at %s"
                                .formatted(
                                        partition,
                                        events.id(),
                                        first.position(),
                                        entry.position()));
            }
        }
        transactions.add(entry);
    }

    /// {@return the stream's last version in the prefix up to an index; −1 without events}
    public long lastVersion(StreamKey stream, long index) {
        @Nullable List<Head> all = heads.get(stream);
        if (all == null) {
            return -1;
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).index() <= index) {
                return all.get(i).version();
            }
        }
        return -1;
    }

    /// {@return whether the stream had that last version after some entry from `fromIndex` to
    /// `toIndex`}
    boolean hadVersion(StreamKey stream, long version, long fromIndex, long toIndex) {
        if (lastVersion(stream, fromIndex) == version) {
            return true;
        }
        for (Head head : heads.getOrDefault(stream, List.of())) {
            if (head.version() == version && head.index() > fromIndex && head.index() <= toIndex) {
                return true;
            }
        }
        return false;
    }

    /// {@return the chosen entry that holds an event}
    @Nullable Entry find(String partitionKey, UUID id) {
        return byId.get(new IdKey(partitionKey, id));
    }

    /// {@return the sequence after the events up to an entry}
    public long sequenceEnd(long index) {
        return index == 0 ? 0 : sequenceEnds.get((int) index - 1);
    }

    /// {@return the chosen transactions in order}
    public List<Entry> transactions() {
        return transactions;
    }

    /// {@return the place in [#transactions] of the one that holds a sequence; their number beyond
    /// the end}
    public int placeOf(long sequence) {
        int low = 0;
        int high = transactions.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (transactions.get(middle).transaction().lastSequence() < sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
