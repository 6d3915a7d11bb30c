package io.ridgeline.cli.load;

import java.util.Arrays;
import java.util.Map;

/// Counts equal lines by a 64-bit hash of each, in 8 bytes a line and a little more for those that
/// occur several times. Two lines that differ and share a hash are counted as equal, which is
/// harmless: their ids are still made from all of their content.
final class Occurrences {
    /// 2^27 places of 8 bytes, half of them used.
    static final int DISTINCT_MAX = 1 << 26;

    private final int distinctMax;
    private long[] table = new long[1 << 12];
    private int distinct;
    private final Map<Long, Long> repeated = new java.util.HashMap<>();

    Occurrences() {
        this(DISTINCT_MAX);
    }

    Occurrences(int distinctMax) {
        this.distinctMax = distinctMax;
    }

    /// {@return how often the hash was added before}
    ///
    /// @throws IllegalStateException beyond the limit
    long countAndAdd(long hash) {
        // Zero marks a free place.
        long key = hash == 0 ? 1 : hash;
        int at = place(table, key);
        if (table[at] == key) {
            return repeated.merge(key, 1L, Long::sum);
        }
        if (distinct == distinctMax) {
            throw new IllegalStateException(
                    "more than "
                            + distinctMax
                            + " different lines without an id in one input: give them ids or split it");
        }
        table[at] = key;
        if (++distinct > table.length / 2) {
            grow();
        }
        return 0;
    }

    private static int place(long[] table, long key) {
        int mask = table.length - 1;
        // Spread, so that hashes that differ only in some bits do not crowd together.
        int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (table[at] != 0 && table[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        long[] larger = new long[table.length * 2];
        Arrays.stream(table)
                .filter(key -> key != 0)
                .forEach(key -> larger[place(larger, key)] = key);
        table = larger;
    }
}
