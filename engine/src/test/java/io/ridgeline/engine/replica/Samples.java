package io.ridgeline.engine.replica;

import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Entries and requests that tests tell apart by index, size and deadline.
final class Samples {
    static final PartitionId P = new PartitionId(7);

    private Samples() {}

    /// {@return an entry with that many bytes of payload}
    static Entry entry(long index, int payloadBytes) {
        return Entry.of(
                P,
                new LogPosition(index, 1),
                EntryKind.TOMBSTONE,
                ByteBuffer.allocate(payloadBytes));
    }

    static List<Entry> entries(long first, int count, int payloadBytes) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(first + i, payloadBytes));
        }
        return entries;
    }

    static ExecuteTransaction request(int dataBytes, long deadlineNanos) {
        NewEvent event =
                new NewEvent(
                        new UUID(0, 1),
                        "s",
                        "happened",
                        "",
                        1_000,
                        0,
                        List.of(),
                        ByteBuffer.allocate(0),
                        ByteBuffer.allocate(dataBytes));
        return new ExecuteTransaction(
                P,
                Transaction.of("key", List.of(event)),
                List.of(),
                deadlineNanos,
                0,
                List.of(),
                _ -> {});
    }
}
