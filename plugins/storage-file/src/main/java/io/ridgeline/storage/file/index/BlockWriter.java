package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Writes a file of [Blocks] from front to back.
final class BlockWriter {
    private static final int BUFFER_BYTES = 1 << 18;

    private final DiskFile file;
    private final long bloomBlocks;
    private final Bloom.Writer bloom;
    private long writtenTo;
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    private ByteBuffer waiting = ByteBuffer.allocate(8192);
    private long waitingA;
    private long waitingB;
    private boolean isWaiting;

    private long[] directory = new long[192];
    private int directorySize;
    private long rows;

    /// @param keysMax how many keys the bloom filter is made for
    BlockWriter(DiskFile file, long keysMax) {
        this.file = file;
        this.bloomBlocks = Bloom.blocks(keysMax);
        this.bloom = new Bloom.Writer(file, 0, bloomBlocks);
        this.writtenTo = bloomBlocks * Bloom.BLOCK_BYTES;
    }

    void bloom(long key) throws IOException {
        bloom.add(key);
    }

    /// Adds a block. It is written once the next one's first key is known.
    void add(long a, long b, int rowCount, ByteBuffer content) throws IOException {
        if (isWaiting) {
            write(a, b);
        }
        if (waiting.capacity() < content.remaining()) {
            waiting = ByteBuffer.allocate(content.remaining() * 2);
        }
        waiting.clear().put(content).flip();
        waitingA = a;
        waitingB = b;
        isWaiting = true;
        rows += rowCount;
    }

    private void write(long nextA, long nextB) throws IOException {
        int length = waiting.remaining();
        room(Blocks.HEADER_BYTES + length);
        if (directorySize + 3 > directory.length) {
            directory = Arrays.copyOf(directory, directory.length * 2);
        }
        directory[directorySize++] = waitingA;
        directory[directorySize++] = waitingB;
        directory[directorySize++] = writtenTo + buffer.position();
        int start = buffer.position();
        buffer.putInt(0).putInt(length).putLong(waitingA).putLong(waitingB);
        buffer.putLong(nextA).putLong(nextB).put(waiting);
        buffer.putInt(
                start, Blocks.checksum(buffer.slice(start + 4, buffer.position() - start - 4)));
    }

    private void room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
            if (buffer.capacity() < bytes) {
                buffer = ByteBuffer.allocate(bytes * 2);
            }
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        int length = buffer.remaining();
        file.write(buffer, writtenTo);
        writtenTo += length;
        buffer.clear();
    }

    /// Writes what is left and syncs the file.
    ///
    /// @param extra a summary that is read when the file is opened
    void finish(ByteBuffer extra) throws IOException {
        if (isWaiting) {
            write(-1, -1);
        }
        bloom.finish();
        flush();
        long directoryAt = writtenTo;
        for (int i = 0; i < directorySize; i++) {
            room(Long.BYTES);
            buffer.putLong(directory[i]);
        }
        flush();
        ByteBuffer end = ByteBuffer.allocate(extra.remaining() + Blocks.FOOTER_BYTES);
        end.put(extra.duplicate());
        int footer = end.position();
        end.putInt(Blocks.MAGIC).putInt(0).putInt(Blocks.VERSION).putInt(extra.remaining());
        end.putLong(rows).putLong(directorySize / 3).putLong(directoryAt).putLong(bloomBlocks);
        end.putInt(Blocks.checksum(extra.duplicate())).putInt(0);
        end.putInt(footer + 4, Blocks.checksum(end.slice(footer + 8, Blocks.FOOTER_BYTES - 8)));
        file.write(end.flip(), writtenTo);
        file.sync();
    }
}
