package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Says of most keys that are not in a table that they are not, at the price of one cache line.
///
/// A block of 64 bytes serves the keys of a range, so that blocks are written in the order of the
/// keys, without holding the filter in memory. 480 bits are the filter; 32 are its checksum, since
/// a bit that was lost would hide an event.
final class Bloom {
    static final int BLOCK_BYTES = 64;
    private static final int KEYS_EACH = 40;
    private static final int FILTER_BITS = 480;
    private static final int PROBES = 6;
    private static final long FACTOR = 0x9E3779B97F4A7C15L;
    private static final int LONGS = BLOCK_BYTES / Long.BYTES;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Bloom() {}

    /// {@return how many blocks serve so many keys}
    static long blocks(long keys) {
        return keys / KEYS_EACH + 1;
    }

    private static long block(long key, long blocks) {
        return ((key >>> 32) * blocks) >>> 32;
    }

    private static int bit(long hash, int probe) {
        long part = (hash >>> (probe * 9)) & 511;
        return (int) ((part * FILTER_BITS) >>> 9);
    }

    private static long checksum(long sum) {
        return Hashes.mix(sum) >>> 32;
    }

    /// Each word counts by an odd factor of its place, so that every lost bit changes the sum.
    private static long term(int word, long bits) {
        return bits * (FACTOR + 2L * word);
    }

    /// {@return whether a key may be there}
    ///
    /// @param path for the operator
    /// @throws DamagedIndexException if the block is not what was written
    static boolean mayHold(MemorySegment file, String path, long blocks, long key) {
        long start = block(key, blocks) * BLOCK_BYTES;
        check(file, path, start);
        long hash = Hashes.mix(key);
        boolean all = true;
        for (int probe = 0; probe < PROBES && all; probe++) {
            int bit = bit(hash, probe);
            long word = file.get(LONG, start + (bit >>> 6) * 8L);
            all = (word << (bit & 63)) < 0;
        }
        return all;
    }

    /// Checks a block.
    ///
    /// @throws DamagedIndexException if it is not what was written
    static void check(MemorySegment file, String path, long start) {
        long sum = 0;
        for (int i = 0; i < LONGS - 1; i++) {
            sum += term(i, file.get(LONG, start + i * 8L));
        }
        long last = file.get(LONG, start + (LONGS - 1) * 8L);
        if ((last & 0xFFFF_FFFFL) != checksum(sum + term(LONGS, last >>> 32))) {
            throw new DamagedIndexException(
                    path + ": bloom filter at " + start + " is not what was written");
        }
    }

    /// Writes a filter for keys that come in order.
    static final class Writer {
        private final DiskFile file;
        private final long blocks;
        private final long[] words = new long[LONGS];
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        private long current;
        private long writtenTo;

        Writer(DiskFile file, long at, long blocks) {
            this.file = file;
            this.blocks = blocks;
            this.writtenTo = at;
        }

        void add(long key) throws IOException {
            long block = block(key, blocks);
            while (current < block) {
                next();
            }
            long hash = Hashes.mix(key);
            for (int probe = 0; probe < PROBES; probe++) {
                int bit = bit(hash, probe);
                words[bit >>> 6] |= Long.MIN_VALUE >>> (bit & 63);
            }
        }

        private void next() throws IOException {
            long sum = 0;
            for (int i = 0; i < LONGS - 1; i++) {
                sum += term(i, words[i]);
                buffer.putLong(words[i]);
            }
            long last = words[LONGS - 1];
            buffer.putLong(last | checksum(sum + term(LONGS, last >>> 32)));
            Arrays.fill(words, 0);
            current++;
            if (!buffer.hasRemaining()) {
                flush();
            }
        }

        private void flush() throws IOException {
            buffer.flip();
            int length = buffer.remaining();
            file.write(buffer, writtenTo);
            writtenTo += length;
            buffer.clear();
        }

        void finish() throws IOException {
            while (current < blocks) {
                next();
            }
            flush();
        }
    }
}
