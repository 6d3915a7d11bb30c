package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.disk.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// A file of blocks in the order of their keys, read by mapping. Any thread may read it.
///
/// Each block has a checksum and the range of keys that it answers for. So the directory needs
/// none: one that leads astray leads to a block that says so.
///
/// A page that cannot be had, of a broken disk or a file that was cut, is an [InternalError] of the
/// JVM; it ends as damage, as bytes that are not what was written do.
///
/// ```
/// bloom filter · blocks · directory (u64 a, u64 b, u64 offset of each) · extra · footer
/// block:  u32 CRC32C of the rest, u32 length of the content, u64 a, u64 b of its first key,
///         u64 a, u64 b of the next block's first key, content
/// footer: u32 magic, u32 CRC32C of the rest, u32 version, u32 length of extra, u64 rows,
///         u64 blocks, u64 offset of the directory, u64 bloom blocks, u32 CRC32C of extra, u32 0
/// ```
final class Blocks implements AutoCloseable {
    static final int HEADER_BYTES = 40;
    static final int FOOTER_BYTES = 56;
    static final int ENTRY_BYTES = 24;
    static final int MAGIC = 0x52_4C_49_31;
    static final int VERSION = 1;

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final String path;
    private final Mapping mapping = new Mapping();
    private final MemorySegment bytes;
    private final ByteBuffer extra;
    private final long rows;
    private final long count;
    private final long directory;
    private final long bloomBlocks;

    /// Opens a file.
    ///
    /// @throws DamagedIndexException if it is none
    Blocks(Disk disk, String path) throws IOException {
        this.path = path;
        boolean opened = false;
        try (DiskFile file = disk.openForReading(path)) {
            bytes = mapping.of(file);
            long footer = bytes.byteSize() - FOOTER_BYTES;
            if (footer < 0 || bytes.get(INT, footer) != MAGIC) {
                throw damaged("footer");
            }
            ByteBuffer end = bytes.asSlice(footer, FOOTER_BYTES).asByteBuffer();
            if (end.getInt(4) != checksum(end.slice(8, FOOTER_BYTES - 8))
                    || end.getInt(8) != VERSION) {
                throw damaged("footer");
            }
            int extraBytes = end.getInt(12);
            rows = end.getLong(16);
            count = end.getLong(24);
            directory = end.getLong(32);
            bloomBlocks = end.getLong(40);
            extra = bytes.asSlice(footer - extraBytes, extraBytes).asByteBuffer();
            if (end.getInt(48) != checksum(extra.duplicate())) {
                throw damaged("summary");
            }
            opened = true;
        } catch (InternalError e) {
            throw unreadable(e);
        } finally {
            if (!opened) {
                mapping.close();
            }
        }
    }

    static int checksum(ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    DamagedIndexException damaged(String what) {
        return new DamagedIndexException(path + ": " + what + " is not what was written");
    }

    long rows() {
        return rows;
    }

    long count() {
        return count;
    }

    long fileBytes() {
        return bytes.byteSize();
    }

    ByteBuffer extra() {
        return extra.duplicate();
    }

    boolean mayHold(long key) {
        try {
            return Bloom.mayHold(bytes, path, bloomBlocks, key);
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    /// Checks all of the bloom filter.
    void checkBloom() {
        try {
            for (long block = 0; block < bloomBlocks; block++) {
                Bloom.check(bytes, path, block * Bloom.BLOCK_BYTES);
            }
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    private DamagedIndexException unreadable(InternalError cause) {
        DamagedIndexException damage = new DamagedIndexException(path + ": cannot be read");
        damage.initCause(cause);
        return damage;
    }

    /// {@return the block that answers for a key; −1 if all keys are higher}
    long find(long a, long b) {
        try {
            return findMapped(a, b);
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    private long findMapped(long a, long b) {
        long low = 0;
        long high = count - 1;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            long at = directory + middle * ENTRY_BYTES;
            long keyA = bytes.get(LONG, at);
            int order = Long.compareUnsigned(keyA, a);
            if (order == 0) {
                order = Long.compareUnsigned(bytes.get(LONG, at + 8), b);
            }
            if (order <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (count > 0) {
            ByteBuffer block = checked(Math.max(high, 0));
            boolean begins = compare(block.getLong(8), block.getLong(16), a, b) <= 0;
            boolean ends = compare(block.getLong(24), block.getLong(32), a, b) > 0;
            if (high < 0 ? begins : !begins || (!ends && high < count - 1)) {
                throw damaged("directory");
            }
        }
        return high;
    }

    static int compare(long a1, long b1, long a2, long b2) {
        int order = Long.compareUnsigned(a1, a2);
        return order == 0 ? Long.compareUnsigned(b1, b2) : order;
    }

    private ByteBuffer checked(long block) {
        long at = bytes.get(LONG, directory + block * ENTRY_BYTES + 16);
        if (at < 0 || at > directory - HEADER_BYTES) {
            throw damaged("directory");
        }
        int length = bytes.get(INT, at + 4);
        if (length < 0 || length > directory - HEADER_BYTES - at) {
            throw damaged("block " + block);
        }
        ByteBuffer whole = bytes.asSlice(at, HEADER_BYTES + length).asByteBuffer();
        if (whole.getInt(0) != checksum(whole.slice(4, HEADER_BYTES - 4 + length))) {
            throw damaged("block " + block);
        }
        return whole;
    }

    /// {@return a block, checked, positioned at its content; its first key is at [#FIRST_A] and
    /// [#FIRST_B]}
    ByteBuffer block(long block) {
        try {
            return mapped(block);
        } catch (InternalError e) {
            throw unreadable(e);
        }
    }

    private ByteBuffer mapped(long block) {
        ByteBuffer whole = checked(block);
        if (compare(
                        whole.getLong(FIRST_A),
                        whole.getLong(FIRST_B),
                        bytes.get(LONG, directory + block * ENTRY_BYTES),
                        bytes.get(LONG, directory + block * ENTRY_BYTES + 8))
                != 0) {
            throw damaged("directory");
        }
        return whole.position(HEADER_BYTES);
    }

    static final int FIRST_A = 8;
    static final int FIRST_B = 16;

    /// Runs a reader of a block's content, which a bad writer could have let overrun.
    DamagedIndexException overrun(BufferUnderflowException e) {
        DamagedIndexException damage = damaged("block");
        damage.initCause(e);
        return damage;
    }

    @Override
    public void close() {
        mapping.close();
    }
}
