package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// A sorted table from keys of [Hashes] to entries: of ids (key, index), or of streams (key,
/// version, index). Keys have [Hashes#KEPT_BITS] bits, in the upper end of a long.
final class PairTable implements AutoCloseable {
    private static final int ROWS_EACH = 128;
    private static final int DROPPED_BITS = 64 - Hashes.KEPT_BITS;

    private final Blocks blocks;
    private final boolean hasValues;

    PairTable(Disk disk, String path, boolean hasValues) throws IOException {
        this.blocks = new Blocks(disk, path);
        this.hasValues = hasValues;
    }

    static long kept(long key) {
        return key >>> DROPPED_BITS << DROPPED_BITS;
    }

    void checkBloom() {
        blocks.checkBloom();
    }

    long rows() {
        return blocks.rows();
    }

    long fileBytes() {
        return blocks.fileBytes();
    }

    boolean mayHold(long key) {
        return blocks.mayHold(kept(key));
    }

    /// Gathers the entries of an id.
    ///
    /// @param anyPartitionKey whether only the part of the key counts that is the id
    void findId(long key, boolean anyPartitionKey, Postings found) {
        long from = anyPartitionKey ? key >>> 32 << 32 : kept(key);
        long to = anyPartitionKey ? from | 0xFFFF_FFFFL : from;
        if (!anyPartitionKey && !blocks.mayHold(from)) {
            return;
        }
        Cursor cursor = cursor(from, 0);
        while (cursor.next() && Long.compareUnsigned(cursor.a, to) <= 0) {
            if (Long.compareUnsigned(cursor.a, from) >= 0) {
                found.add(0, cursor.b);
            }
        }
    }

    /// Gathers postings of a stream behind a version, those that come first.
    void postingsBehind(long key, long version, int most, Postings found) {
        long stream = kept(key);
        if (!blocks.mayHold(stream)) {
            return;
        }
        Cursor cursor = cursor(stream, version + 1);
        int count = 0;
        while (cursor.next() && Long.compareUnsigned(cursor.a, stream) <= 0) {
            if (cursor.a == stream && cursor.b > version) {
                if (count >= most && cursor.b != found.version(found.count() - 1)) {
                    return;
                }
                found.add(cursor.b, cursor.c);
                count++;
            }
        }
    }

    /// Gathers postings of a stream up to a version, newest first.
    void postingsUpTo(long key, long version, int most, Postings found) {
        long stream = kept(key);
        if (!blocks.mayHold(stream)) {
            return;
        }
        int begin = found.count();
        long block = blocks.find(stream, version);
        for (; block >= 0; block--) {
            Postings ofBlock = new Postings();
            Cursor cursor = new Cursor(block);
            boolean isFirst = true;
            boolean isBefore = false;
            while (cursor.nextInBlock()) {
                isBefore |= isFirst && Long.compareUnsigned(cursor.a, stream) < 0;
                isFirst = false;
                if (cursor.a == stream && cursor.b <= version) {
                    ofBlock.add(cursor.b, cursor.c);
                }
            }
            for (int i = ofBlock.count() - 1; i >= 0; i--) {
                int count = found.count() - begin;
                if (count >= most && ofBlock.version(i) != found.version(found.count() - 1)) {
                    return;
                }
                found.add(ofBlock.version(i), ofBlock.index(i));
            }
            if (isBefore) {
                return;
            }
        }
    }

    private Cursor cursor(long a, long b) {
        return new Cursor(Math.max(0, blocks.find(a, b)));
    }

    /// {@return a cursor over all rows}
    Cursor all() {
        return new Cursor(0);
    }

    @Override
    public void close() {
        blocks.close();
    }

    /// Goes over rows from the begin of a block on.
    final class Cursor {
        long a;
        long b;
        long c;
        private long block;
        private int left;
        private ByteBuffer content = ByteBuffer.allocate(0);

        Cursor(long block) {
            this.block = block - 1;
        }

        /// Moves to the next row.
        boolean next() {
            if (left > 0) {
                read();
                return true;
            }
            return block + 1 < blocks.count() && load() && read();
        }

        /// Moves to the next row unless it is in another block; enters the first one.
        boolean nextInBlock() {
            if (content.capacity() == 0) {
                return load() && read();
            }
            return left > 0 && read();
        }

        private boolean load() {
            content = blocks.block(++block);
            left = (int) Varints.get(content);
            a = content.getLong(Blocks.FIRST_A);
            b = 0;
            c = 0;
            return true;
        }

        private boolean read() {
            try {
                long step = Varints.get(content);
                if (step != 0) {
                    a += step << DROPPED_BITS;
                    b = 0;
                    c = 0;
                }
                b += Varints.get(content);
                if (hasValues) {
                    c += Varints.getSigned(content);
                }
            } catch (BufferUnderflowException e) {
                throw blocks.overrun(e);
            }
            left--;
            return true;
        }
    }

    /// Writes a table of rows that come sorted by key and then by the second number.
    static final class Writer implements AutoCloseable {
        private final DiskFile file;
        private final BlockWriter out;
        private final boolean hasValues;
        private final ByteBuffer rows = ByteBuffer.allocate(ROWS_EACH * 30);
        private final ByteBuffer content = ByteBuffer.allocate(ROWS_EACH * 30 + 10);
        private int count;
        private long firstA;
        private long firstB;
        private long lastA;
        private long lastB;
        private long lastC;
        private boolean hasKey;
        private long lastKey;

        Writer(Disk disk, String path, boolean hasValues, long rowsMax) throws IOException {
            this.file = disk.open(path, true);
            file.truncate(0);
            this.out = new BlockWriter(file, rowsMax);
            this.hasValues = hasValues;
        }

        void add(long key, long second, long value) throws IOException {
            long a = kept(key);
            if (!hasKey || a != lastKey) {
                out.bloom(a);
                lastKey = a;
                hasKey = true;
            }
            if (count == 0) {
                firstA = a;
                firstB = second;
                lastA = a;
                lastB = 0;
                lastC = 0;
            }
            Varints.put(rows, (a - lastA) >>> DROPPED_BITS);
            if (a != lastA) {
                lastB = 0;
                lastC = 0;
            }
            Varints.put(rows, second - lastB);
            if (hasValues) {
                Varints.putSigned(rows, value - lastC);
            }
            lastA = a;
            lastB = second;
            lastC = value;
            if (++count == ROWS_EACH) {
                flush();
            }
        }

        private void flush() throws IOException {
            if (count > 0) {
                content.clear();
                Varints.put(content, count);
                content.put(rows.flip()).flip();
                out.add(firstA, firstB, count, content);
                rows.clear();
                count = 0;
            }
        }

        void finish() throws IOException {
            flush();
            out.finish(ByteBuffer.allocate(0));
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
