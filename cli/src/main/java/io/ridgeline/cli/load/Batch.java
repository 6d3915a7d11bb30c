package io.ridgeline.cli.load;

import io.ridgeline.client.Append;
import io.ridgeline.client.RidgelineClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Lines of one partition key that share a transaction.
final class Batch {
    private static final int TRANSACTION_BYTES_MAX = 512 * 1024;
    private static final int OVERHEAD_BYTES = 64;

    private final String partitionKey;
    private final List<Line> lines = new ArrayList<>();
    private final Set<UUID> ids = new HashSet<>();
    private long bytes;

    Batch(String partitionKey) {
        this.partitionKey = partitionKey;
    }

    static long size(Line line) {
        return (long) line.event().sizeBytes() + line.stream().length() + OVERHEAD_BYTES;
    }

    void add(Line line) {
        lines.add(line);
        ids.add(line.event().id());
        bytes += size(line);
    }

    boolean isFull(int eventsMax, Line next) {
        return lines.size() >= eventsMax || bytes + size(next) > TRANSACTION_BYTES_MAX;
    }

    boolean has(UUID id) {
        return ids.contains(id);
    }

    String partitionKey() {
        return partitionKey;
    }

    List<Line> lines() {
        return lines;
    }

    long bytes() {
        return bytes;
    }

    Append toAppend(RidgelineClient client) {
        Append append = client.append(lines.getFirst().stream()).partitionKey(partitionKey);
        for (Line line : lines) {
            append.stream(line.stream()).event(line.event());
        }
        return append;
    }

    /// {@return which lines these are, for a message}
    String describe() {
        long first = lines.getFirst().number();
        long last = lines.getLast().number();
        return first == last
                ? "line " + first
                : lines.size() + " of the lines " + first + " to " + last;
    }
}
