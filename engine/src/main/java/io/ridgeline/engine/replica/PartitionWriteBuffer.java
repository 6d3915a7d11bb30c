package io.ridgeline.engine.replica;

import io.ridgeline.engine.Limits;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Writes that came ahead of those before them, ordered by the index that they follow (R-SQ-1).
///
/// Nothing in it is acknowledged; what is taken out is checked as if it had just arrived. Emptied
/// when the epoch rises. Bounded in entries, bytes and age: what does not fit comes again with the
/// catch-up.
final class PartitionWriteBuffer {
    private final Limits limits;
    private final TreeMap<Long, Held> byPrevious = new TreeMap<>();
    private int entries;
    private long bytes;

    private record Held(ReplicateWrite write, int bytes, long sinceNanos) {}

    PartitionWriteBuffer(Limits limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return byPrevious.isEmpty();
    }

    int writes() {
        return byPrevious.size();
    }

    /// {@return whether it was kept}
    boolean add(ReplicateWrite write, long nowNanos) {
        long key = write.previous().index();
        Held known = byPrevious.get(key);
        if (known != null && known.write().entries().size() >= write.entries().size()) {
            return true;
        }
        int size = 0;
        for (int i = 0; i < write.entries().size(); i++) {
            size += write.entries().get(i).lengthBytes();
        }
        if (known != null) {
            remove(key);
        }
        // The farthest go first: the nearest are needed first.
        while (!byPrevious.isEmpty()
                && byPrevious.lastKey() > key
                && isFull(write.entries().size(), size)) {
            remove(byPrevious.lastKey());
        }
        if (isFull(write.entries().size(), size)) {
            return false;
        }
        byPrevious.put(key, new Held(write, size, nowNanos));
        entries += write.entries().size();
        bytes += size;
        return true;
    }

    private boolean isFull(int moreEntries, int moreBytes) {
        return entries + moreEntries > limits.bufferEntriesMax()
                || bytes + moreBytes > limits.bufferBytesMax();
    }

    /// Takes out a write whose previous entry is at or before an index.
    @Nullable ReplicateWrite takeUpTo(long lastIndex) {
        Map.Entry<Long, Held> first = byPrevious.firstEntry();
        if (first == null || first.getKey() > lastIndex) {
            return null;
        }
        remove(first.getKey());
        return first.getValue().write();
    }

    /// Drops what has waited for too long.
    ///
    /// @return how many writes
    int expire(long nowNanos, long ageNanos) {
        int before = byPrevious.size();
        while (!byPrevious.isEmpty()) {
            Map.Entry<Long, Held> first = byPrevious.firstEntry();
            if (nowNanos - first.getValue().sinceNanos() < ageNanos) {
                break;
            }
            remove(first.getKey());
        }
        return before - byPrevious.size();
    }

    /// {@return how many writes were dropped}
    int clear() {
        int count = byPrevious.size();
        byPrevious.clear();
        entries = 0;
        bytes = 0;
        return count;
    }

    private void remove(long key) {
        Held held = byPrevious.remove(key);
        if (held != null) {
            entries -= held.write().entries().size();
            bytes -= held.bytes();
        }
    }
}
