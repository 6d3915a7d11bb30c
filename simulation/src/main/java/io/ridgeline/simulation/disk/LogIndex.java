package io.ridgeline.simulation.disk;

import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.EventLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Finds events by id, stream and version. Its maps are looked into and never iterated.
final class LogIndex {
    private record IdKey(String partitionKey, UUID id) {}

    private final Map<IdKey, EventLocation> byId = new HashMap<>();
    private final Map<StreamKey, List<Entry>> byStream = new HashMap<>();

    void add(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        Transaction transaction = entry.transaction();
        String key = transaction.partitionKey();
        Events events = transaction.events();
        while (events.next()) {
            byId.putIfAbsent(new IdKey(key, events.id()), new EventLocation(entry, events.place()));
        }
        for (StreamKey stream : transaction.streams()) {
            byStream.computeIfAbsent(stream, _ -> new ArrayList<>()).add(entry);
        }
    }

    void remove(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        Transaction transaction = entry.transaction();
        String key = transaction.partitionKey();
        Events events = transaction.events();
        while (events.next()) {
            IdKey id = new IdKey(key, events.id());
            EventLocation known = byId.get(id);
            if (known != null && known.entry() == entry) {
                byId.remove(id);
            }
        }
        for (StreamKey stream : transaction.streams()) {
            List<Entry> entries = byStream.get(stream);
            if (entries != null && !entries.isEmpty() && entries.getLast() == entry) {
                entries.removeLast();
            }
        }
    }

    void clear() {
        byId.clear();
        byStream.clear();
    }

    @Nullable EventLocation find(String partitionKey, UUID id) {
        return byId.get(new IdKey(partitionKey, id));
    }

    List<Entry> entriesOf(StreamKey stream) {
        return byStream.getOrDefault(stream, List.of());
    }

    long lastVersion(StreamKey stream) {
        List<Entry> entries = byStream.get(stream);
        return entries == null || entries.isEmpty() ? -1 : lastVersion(entries.getLast(), stream);
    }

    /// {@return the version of the stream's last event in an entry that has one}
    static long lastVersion(Entry entry, StreamKey stream) {
        Transaction transaction = entry.transaction();
        int place = transaction.streams().indexOf(stream);
        return transaction.firstVersion(place) + transaction.eventCount(place) - 1;
    }
}
