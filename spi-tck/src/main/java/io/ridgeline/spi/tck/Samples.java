package io.ridgeline.spi.tck;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Makes entries that follow each other, as a coordinator would.
public final class Samples {
    private Samples() {}

    /// {@return an event with that much data}
    public static NewEvent event(UUID id, String stream, int dataBytes) {
        byte[] data = new byte[dataBytes];
        Arrays.fill(data, (byte) (id.getLeastSignificantBits() & 0x7F));
        return new NewEvent(
                id,
                stream,
                "opened",
                "",
                1_700_000_000_000_000L,
                0,
                List.of(),
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(data));
    }

    /// {@return an id that is the same whenever it is asked for}
    public static UUID id(long number) {
        return new UUID(0x0190_0000_0000_7000L + number, 0x8000_0000_0000_0000L | number * 31);
    }

    /// {@return the next transaction of a log, one event per stream id, not appended yet}
    public static Entry next(
            PartitionLog log,
            PartitionId partition,
            long epoch,
            String key,
            List<NewEvent> events) {
        Transaction transaction = Transaction.of(key, events);
        Map<String, Long> firsts = new HashMap<>();
        long[] versions = new long[transaction.streams().size()];
        for (int i = 0; i < versions.length; i++) {
            StreamKey stream = transaction.streams().get(i);
            versions[i] = firsts.computeIfAbsent(stream.stream(), _ -> log.lastVersion(stream) + 1);
        }
        transaction.assign(log.state().nextSequence(), versions);
        return Entry.of(
                partition, new LogPosition(log.state().last().index() + 1, epoch), transaction);
    }

    /// Appends a transaction of some events on one stream, whose ids come from the sequence.
    ///
    /// @return what was appended
    public static Entry append(
            PartitionLog log, PartitionId partition, long epoch, String stream, int count) {
        List<NewEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(event(id(log.state().nextSequence() + i), stream, 40));
        }
        Entry entry = next(log, partition, epoch, stream, events);
        log.append(entry);
        return entry;
    }

    /// Appends an entry without events.
    ///
    /// @return what was appended
    public static Entry append(
            PartitionLog log, PartitionId partition, long epoch, EntryKind kind, String payload) {
        Entry entry =
                Entry.of(
                        partition,
                        new LogPosition(log.state().last().index() + 1, epoch),
                        kind,
                        ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
        log.append(entry);
        return entry;
    }

    /// {@return the encoded bytes, to compare entries by}
    public static List<ByteBuffer> bytes(List<Entry> entries) {
        return entries.stream().map(Entry::encoded).toList();
    }
}
