package io.ridgeline.runtime.read;

import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.StorageException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/// Wakes the subscriptions that have something to read, when events of a partition are confirmed.
/// The shard's thread pays for one hand-over at most, whatever the number of subscriptions; those
/// of one stream sleep on while only others get events.
final class LiveHub implements Partition.Watcher {
    private static final int TAIL_BYTES_MAX = 1 << 20;

    /// Further behind than this, waking everybody costs less than finding out who has news.
    private static final long TAIL_ENTRIES_MAX = 10_000;

    private final Partition partition;
    private final Executor executor;
    private final Set<Pump<?>> ofAll = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<StreamKey, Set<Pump<?>>> ofStream = new ConcurrentHashMap<>();
    private final AtomicBoolean due = new AtomicBoolean();

    /// For the one who tells.
    private long toldIndex;

    LiveHub(Partition partition, Executor executor) {
        this.partition = partition;
        this.executor = executor;
    }

    /// Has a pump woken for what is confirmed from now on. It must look for itself once afterwards.
    synchronized void add(PartitionCursor cursor, Pump<?> pump) {
        StreamKey stream = cursor.stream();
        if (stream == null) {
            ofAll.add(pump);
        } else {
            if (ofStream.isEmpty()) {
                toldIndex = partition.published().watermark().index();
            }
            ofStream.compute(
                    stream,
                    (key, pumps) -> {
                        Set<Pump<?>> all = pumps == null ? ConcurrentHashMap.newKeySet() : pumps;
                        all.add(pump);
                        return all;
                    });
        }
    }

    void remove(PartitionCursor cursor, Pump<?> pump) {
        StreamKey stream = cursor.stream();
        if (stream == null) {
            ofAll.remove(pump);
        } else {
            ofStream.computeIfPresent(
                    stream,
                    (key, pumps) -> {
                        pumps.remove(pump);
                        return pumps.isEmpty() ? null : pumps;
                    });
        }
    }

    @Override
    public void onPublished(Partition changed) {
        if ((!ofAll.isEmpty() || !ofStream.isEmpty()) && due.compareAndSet(false, true)) {
            executor.execute(this::tell);
        }
    }

    private synchronized void tell() {
        due.set(false);
        ofAll.forEach(Pump::wake);
        long lastIndex = partition.published().watermark().index();
        if (ofStream.isEmpty()) {
            return;
        }
        if (lastIndex - toldIndex > TAIL_ENTRIES_MAX) {
            wakeAllOfStreams();
            toldIndex = lastIndex;
            return;
        }
        try {
            while (toldIndex < lastIndex) {
                List<Entry> tail =
                        partition.reader().entries(toldIndex + 1, lastIndex, TAIL_BYTES_MAX);
                if (tail.isEmpty()) {
                    throw new IllegalStateException("no entry at " + (toldIndex + 1));
                }
                tail.forEach(this::tell);
                toldIndex = tail.getLast().index();
            }
        } catch (StorageException e) {
            // Each finds out for itself, and tells its caller.
            wakeAllOfStreams();
            toldIndex = lastIndex;
        }
    }

    private void wakeAllOfStreams() {
        ofStream.values().forEach(pumps -> pumps.forEach(Pump::wake));
    }

    private void tell(Entry entry) {
        if (entry.kind() != EntryKind.TRANSACTION) {
            return;
        }
        for (StreamKey stream : entry.transaction().streams()) {
            Set<Pump<?>> pumps = ofStream.get(stream);
            if (pumps != null) {
                pumps.forEach(Pump::wake);
            }
        }
    }
}
