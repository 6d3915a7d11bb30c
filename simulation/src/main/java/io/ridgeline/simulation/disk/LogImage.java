package io.ridgeline.simulation.disk;

import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/// The stable contents of one replica: what a power cut leaves.
final class LogImage {
    final List<Entry> entries = new ArrayList<>();
    final TreeSet<Long> damaged = new TreeSet<>();
    UUID storageId;
    HardState hardState;
    HardState previousHardState;
    LogPosition watermark = LogPosition.NONE;
    boolean firstHardCopyBad;
    boolean secondHardCopyBad;
    private long[] chains = new long[32];

    LogImage(UUID storageId, HardState initial) {
        this.storageId = storageId;
        this.hardState = initial;
        this.previousHardState = initial;
    }

    LogImage copy() {
        LogImage copy = new LogImage(storageId, hardState);
        copy.entries.addAll(entries);
        copy.chains = chains.clone();
        copy.previousHardState = previousHardState;
        copy.watermark = watermark;
        return copy;
    }

    /// {@return the hash over a log with one more entry}
    static long chain(long previous, Entry entry) {
        return Seeded.mix(previous ^ Seeded.mix((long) entry.checksum() << 20 ^ entry.epoch()));
    }

    long chainAt(long index) {
        return index == 0 ? 0 : chains[(int) index - 1];
    }

    void append(Entry entry, long chain) {
        if (chains.length == entries.size()) {
            chains = Arrays.copyOf(chains, 2 * chains.length);
        }
        chains[entries.size()] = chain;
        entries.add(entry);
    }

    void truncateAfter(long lastIndex) {
        entries.subList((int) Math.min(lastIndex, entries.size()), entries.size()).clear();
        damaged.tailSet(lastIndex, false).clear();
    }
}
