package io.ridgeline.it.load;

import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A diary, read to settle accounts with the node. May be read again as the diary grows.
public final class Account {
    private final Path diary;
    private final Map<UUID, Sent> sent = new HashMap<>();
    private final Map<UUID, Done> done = new HashMap<>();
    private int linesRead;
    private long duplicates;

    /// An account of what stands in the diary.
    public Account(Path diary) {
        this.diary = diary;
    }

    /// Reads what was added to the diary. Its writers must be at rest.
    public void read() throws IOException {
        List<String> lines = Files.readAllLines(diary);
        for (String line : lines.subList(linesRead, lines.size())) {
            List<String> part = List.of(line.split("\t", -1));
            UUID id = UUID.fromString(part.get(1));
            switch (part.getFirst()) {
                case "sent" -> sent.put(id, new Sent(part.get(2), part.get(3), number(part, 4)));
                case "done" -> {
                    Done fact = new Done(number(part, 2), number(part, 3), number(part, 4));
                    if (done.put(id, fact) != null) {
                        throw new AssertionError("acknowledged twice: " + line);
                    }
                    duplicates += part.get(5).equals("duplicate") ? 1 : 0;
                }
                default -> throw new AssertionError("not a diary: " + line);
            }
        }
        linesRead = lines.size();
    }

    /// Fails unless the node has all that was acknowledged, where it said it was, and nothing but
    /// what was sent.
    public void settle(History history) {
        done.forEach((id, fact) -> {
            RecordedEvent event = history.find(Requests.bytes(id));
            if (event == null) {
                throw new AssertionError("acknowledged, and lost: " + id + " " + fact);
            }
            if (!fact.equals(Done.of(event))) {
                throw new AssertionError("acknowledged as " + fact + ", now: " + event);
            }
        });
        history.partitions()
                .values()
                .forEach(events ->
                        events.forEach(event -> {
                            Sent fact = sent.get(Requests.id(event.getId()));
                            if (!Sent.of(event).equals(fact)) {
                                throw new AssertionError("sent as " + fact + ", now: " + event);
                            }
                        }));
    }

    /// {@return how many events were acknowledged}
    public int acknowledged() {
        return done.size();
    }

    /// {@return how many events were sent}
    public int sent() {
        return sent.size();
    }

    /// {@return how many repeats found that they had taken effect before}
    public long duplicates() {
        return duplicates;
    }

    private static long number(List<String> parts, int index) {
        return Long.parseLong(parts.get(index));
    }

    private record Sent(String key, String stream, long checksum) {
        static Sent of(RecordedEvent event) {
            return new Sent(
                    History.keyOf(event),
                    event.getStream(),
                    Diary.checksum(event.getData().asReadOnlyByteBuffer()));
        }
    }

    private record Done(long partition, long sequence, long version) {
        static Done of(RecordedEvent event) {
            return new Done(event.getPartition(), event.getSequence(), event.getVersion());
        }
    }
}
