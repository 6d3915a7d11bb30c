package io.ridgeline.storage.file.index;

/// A hash table in memory from keys to numbers other than 0; a key may have several. Not
/// thread-safe.
final class KeyTable {
    private static final int CAPACITY_MIN = 64;

    private long[] keys = new long[CAPACITY_MIN];
    private long[] values = new long[CAPACITY_MIN];
    private int size;

    int size() {
        return size;
    }

    /// {@return the first slot of a key, or −1}
    int first(long key) {
        return from((int) Hashes.mix(key) & keys.length - 1, key);
    }

    /// {@return the slot of the same key behind another, or −1}
    int next(int slot, long key) {
        return from(slot + 1 & keys.length - 1, key);
    }

    private int from(int start, long key) {
        int slot = start;
        while (values[slot] != 0) {
            if (keys[slot] == key) {
                return slot;
            }
            slot = slot + 1 & keys.length - 1;
        }
        return -1;
    }

    long value(int slot) {
        return values[slot];
    }

    void set(int slot, long value) {
        values[slot] = value;
    }

    void add(long key, long value) {
        if (size >= keys.length / 2) {
            grow();
        }
        place(key, value);
    }

    private void place(long key, long value) {
        int slot = (int) Hashes.mix(key) & keys.length - 1;
        while (values[slot] != 0) {
            slot = slot + 1 & keys.length - 1;
        }
        keys[slot] = key;
        values[slot] = value;
        size++;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new long[oldKeys.length * 2];
        size = 0;
        for (int slot = 0; slot < oldKeys.length; slot++) {
            if (oldValues[slot] != 0) {
                place(oldKeys[slot], oldValues[slot]);
            }
        }
    }

    /// Calls for every key and value, in no order.
    void forEach(Pairs pairs) {
        for (int slot = 0; slot < keys.length; slot++) {
            if (values[slot] != 0) {
                pairs.accept(keys[slot], values[slot]);
            }
        }
    }

    /// Takes a key and its value.
    @FunctionalInterface
    interface Pairs {
        void accept(long key, long value);
    }
}
