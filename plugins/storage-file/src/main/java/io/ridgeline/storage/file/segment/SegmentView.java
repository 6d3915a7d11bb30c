package io.ridgeline.storage.file.segment;

import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The bytes of a segment, and what in them looks like a header, a batch or nothing.
final class SegmentView {
    private final LogScan.Source source;
    private final Window window;

    SegmentView(LogScan.Source source, DiskFile file) throws IOException {
        this.source = source;
        this.window = new Window(file);
    }

    long number() {
        return source.number();
    }

    long size() {
        return window.size();
    }

    /// {@return how much was read}
    long bytesRead() {
        return window.bytesRead();
    }

    /// {@return the offset of the first page that could not be read so far}
    long unreadableFrom() {
        return window.unreadableFrom();
    }

    /// {@return where in [#bytes] an offset is, after so many bytes from there on were read if
    /// there are}
    int at(long offset, int length) {
        return window.at(offset, length);
    }

    ByteBuffer bytes() {
        return window.bytes();
    }

    long location(long offset) {
        return Location.of(source.number(), (int) offset);
    }

    /// {@return a good header, or null}
    @Nullable SegmentHeader header() {
        // The second copy lies at a multiple of a page that only a good copy tells.
        for (long offset = 0; offset < size(); offset += SegmentHeader.PAGE_BYTES) {
            int at = at(offset, 1 << 20);
            SegmentHeader header = SegmentHeader.read(bytes(), at, source.salt());
            if (header != null) {
                return header;
            }
            if (offset == 0 && isZero(0, SegmentHeader.PAGE_BYTES) && isZero(0, size())) {
                return null;
            }
        }
        return null;
    }

    boolean isZero(long from, long to) {
        for (long offset = from; offset < to; ) {
            int at = at(offset, 1 << 16);
            int limit = (int) Math.min(bytes().limit(), at + to - offset);
            if (limit <= at) {
                return true;
            }
            for (int i = at; i < limit; i++) {
                if (bytes().get(i) != 0) {
                    return false;
                }
            }
            offset += limit - at;
        }
        return true;
    }

    /// {@return the header of a batch that begins there, or null}
    @Nullable Batch batch(long offset) {
        int at = at(offset, Batch.HEADER_BYTES);
        return Batch.read(bytes(), at, source.salt(), offset);
    }

    boolean isIntact(long offset, Batch batch) {
        int at = at(offset, Batch.HEADER_BYTES + batch.bodyBytes());
        return batch.isIntact(bytes(), at);
    }

    /// {@return the offset of the next batch header from a number on, or −1}
    long search(long from, long limit, long number) {
        long offset = from + Batch.ALIGNMENT - 1 & -Batch.ALIGNMENT;
        while (offset + Batch.HEADER_BYTES <= limit) {
            int at = at(offset, Batch.HEADER_BYTES);
            int last = bytes().limit() - Batch.HEADER_BYTES;
            while (at <= last && !Batch.mayBegin(bytes(), at)) {
                at += Batch.ALIGNMENT;
                offset += Batch.ALIGNMENT;
            }
            if (at > last) {
                continue;
            }
            Batch batch = batch(offset);
            if (batch != null && batch.number() >= number && offset < limit) {
                return offset;
            }
            offset += Batch.ALIGNMENT;
        }
        return -1;
    }
}
