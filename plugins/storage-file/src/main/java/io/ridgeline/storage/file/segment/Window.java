package io.ridgeline.storage.file.segment;

import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a file in large pieces, from front to back. What the disk cannot read is filled with bytes
/// that mean nothing, and noted.
final class Window {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int PAGE = SegmentHeader.PAGE_BYTES;
    private static final byte UNREADABLE = (byte) 0xEE;

    private final DiskFile file;
    private final long size;
    private ByteBuffer bytes = ByteBuffer.allocate(PIECE_BYTES);
    private long start;
    private long unreadableFrom = Long.MAX_VALUE;
    private long bytesRead;

    Window(DiskFile file) throws IOException {
        this.file = file;
        this.size = file.size();
        bytes.limit(0);
    }

    long size() {
        return size;
    }

    long bytesRead() {
        return bytesRead;
    }

    /// {@return the offset of the first page that could not be read so far}
    long unreadableFrom() {
        return unreadableFrom;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /// Makes bytes available, as far as the file has them.
    ///
    /// @return where `offset` is in [#bytes]
    int at(long offset, int length) {
        if (offset < start || offset + Math.min(length, size - offset) > start + bytes.limit()) {
            int wanted = Math.max(length, PIECE_BYTES);
            if (bytes.capacity() < wanted) {
                bytes = ByteBuffer.allocate(wanted);
            }
            start = offset;
            bytes.clear().limit(Math.clamp(size - offset, 0, wanted));
            fill();
        }
        return (int) (offset - start);
    }

    private void fill() {
        bytesRead += bytes.limit();
        try {
            file.read(bytes, start);
        } catch (IOException e) {
            fillByPages();
        }
        // A file that is shorter than it was leaves zeros, as one that was never written.
        while (bytes.hasRemaining()) {
            bytes.put((byte) 0);
        }
        bytes.flip();
    }

    private void fillByPages() {
        int limit = bytes.limit();
        for (int at = 0; at < limit; at += PAGE) {
            int length = Math.min(PAGE, limit - at);
            try {
                bytes.position(at).limit(at + length);
                file.read(bytes, start + at);
            } catch (IOException e) {
                unreadableFrom = Math.min(unreadableFrom, start + at);
                for (int i = 0; i < length; i++) {
                    bytes.put(at + i, UNREADABLE);
                }
            }
            bytes.limit(limit);
        }
        bytes.position(limit);
    }
}
