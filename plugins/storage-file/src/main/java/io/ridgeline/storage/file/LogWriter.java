package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.segment.Batch;
import io.ridgeline.storage.file.segment.Location;
import io.ridgeline.storage.file.segment.Records;
import io.ridgeline.storage.file.segment.SegmentHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Writes batches to the open segment of a bucket. For the bucket's owner.
///
/// Space is claimed, by zeros that are written before, ahead of the records that will take it: what
/// [#put] accepted cannot fail for lack of space later.
final class LogWriter implements AutoCloseable {
    /// A batch larger than this is written before it is asked for.
    private static final int BATCH_BYTES_MAX = 8 << 20;

    private static final int BUFFER_KEPT_BYTES = 4 << 20;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();
    private static final int PAGE = SegmentHeader.PAGE_BYTES;

    /// Where the next segment comes from and what stands at its begin.
    interface Source {
        /// {@return an empty segment that the manifest names, with at least that much claimed}
        ///
        /// @throws Disk.FullException if there is no space
        Open next(int bytesMin) throws IOException;

        /// {@return the state of all partitions, for the segment's begin}
        SegmentHeader header(
                Manifest.Segment segment,
                long firstBatch,
                long lastControl,
                long previous,
                int previousBatch);

        /// {@return the length of what [#header] makes, both copies}
        int headerBytes();

        /// {@return how much is kept for what is no client's}
        int reserveBytes();

        /// {@return whether the next segment has the reserve}
        boolean isReserveBehind();

        /// Puts the reserve into the next segment.
        ///
        /// @throws Disk.FullException if there is no space
        void reserveBehind() throws IOException;
    }

    /// A segment that is written to.
    static final class Open {
        final Manifest.Segment segment;
        final DiskFile file;
        final int capacity;
        int claimedEnd;

        Open(Manifest.Segment segment, DiskFile file, int capacity, int claimedEnd) {
            this.segment = segment;
            this.file = file;
            this.capacity = capacity;
            this.claimedEnd = claimedEnd;
        }
    }

    private final Source source;
    private @Nullable Open open;
    private volatile long segmentNumber;
    private @Nullable ByteBuffer header;
    private int position;
    private long batchNumber;
    private long lastControl;
    private int previousBatch;
    private boolean marked = true;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    private int bodyBytes;
    private final ByteArrayOutputStream controls = new ByteArrayOutputStream();

    LogWriter(Source source) {
        this.source = source;
    }

    /// Goes on where a log ended.
    ///
    /// @param position offset behind the last batch
    void resume(
            @Nullable Open segment,
            int position,
            long batchNumber,
            long lastControl,
            int previousBatch) {
        this.open = segment;
        this.segmentNumber = segment == null ? 0 : segment.segment.number();
        this.position = position;
        this.batchNumber = batchNumber;
        this.lastControl = lastControl;
        this.previousBatch = previousBatch;
        this.marked = segment == null;
    }

    /// The batch that is put next is the first of its segment and is written again.
    void beginAgain(ByteBuffer segmentHeader) {
        header = segmentHeader;
    }

    /// {@return whether something was put that is not synced}
    boolean isDirty() {
        return bodyBytes > 0;
    }

    /// {@return the location behind the last byte that was written}
    long writtenEnd() {
        return open == null ? 0 : Location.of(open.segment.number(), position);
    }

    long segment() {
        return segmentNumber;
    }

    long batchNumber() {
        return batchNumber;
    }

    /// {@return how much can certainly be put into this segment}
    long bytesClaimed() {
        return open == null ? 0 : Math.max(0, open.claimedEnd - end(0, false));
    }

    /// Where the segment would end after one more record: its batch, the copy of the batch's
    /// control records, and a mark behind it.
    private int end(int recordBytes, boolean control) {
        long end = Batch.end(position, bodyBytes + recordBytes);
        int copied = controls.size() + (control ? recordBytes : 0);
        if (copied > 0) {
            end = Batch.end(end + Records.HEADER_BYTES + PAGE, copied);
        }
        return (int) Math.min(Integer.MAX_VALUE, end + Batch.HEADER_BYTES);
    }

    /// Adds a record to the batch.
    ///
    /// @param reserve so much is claimed behind it
    /// @return where it will lie
    /// @throws Disk.FullException if there is no room; nothing happened
    /// @throws IOException if the disk failed; nothing more may be put
    long put(ByteBuffer record, boolean control, int reserve) throws IOException {
        int length = record.remaining();
        if (bodyBytes > 0 && bodyBytes + length > BATCH_BYTES_MAX) {
            flush();
        }
        claim(length, control, reserve);
        return putAgain(record, control);
    }

    /// Adds a record where it was before: no space is claimed.
    ///
    /// @return where it lies
    long putAgain(ByteBuffer record, boolean control) {
        int length = record.remaining();
        int at = Batch.HEADER_BYTES + bodyBytes;
        ensureBuffer(at + length + Batch.ALIGNMENT);
        buffer.put(at, record, record.position(), length);
        if (control) {
            byte[] copy = new byte[length];
            record.get(record.position(), copy);
            controls.writeBytes(copy);
        }
        bodyBytes += length;
        return Location.of(current().segment.number(), position + at);
    }

    private Open current() {
        if (open == null) {
            throw new IllegalStateException("no open segment");
        }
        return open;
    }

    private void claim(int recordBytes, boolean control, int reserve) throws IOException {
        if (open == null || end(recordBytes, control) > open.capacity) {
            if (bodyBytes > 0) {
                flush();
            }
            if (open == null || end(recordBytes, control) > open.capacity) {
                roll(recordBytes + reserve);
            }
        }
        Open segment = current();
        int end = end(recordBytes, control);
        if (reserve > 0 && !source.isReserveBehind()) {
            if (end + reserve > segment.capacity) {
                source.reserveBehind();
            } else {
                end += reserve;
            }
        }
        claimTo(segment, end);
    }

    /// Writes zeros where records will be written.
    ///
    /// @throws Disk.FullException if there is no space
    static void claimTo(Open segment, int end) throws IOException {
        while (segment.claimedEnd < end) {
            int chunk = Math.min(ZEROS.capacity(), segment.capacity - segment.claimedEnd);
            segment.file.write(ZEROS.duplicate().limit(chunk), segment.claimedEnd);
            segment.claimedEnd += chunk;
        }
    }

    /// Begins the next segment. Its header is written with its first batch.
    private void roll(int recordBytes) throws IOException {
        int headerBytes = source.headerBytes();
        int needed = headerBytes + recordBytes + 3 * PAGE;
        Open next = source.next(needed);
        long previous = writtenEnd();
        header =
                source.header(next.segment, batchNumber + 1, lastControl, previous, previousBatch)
                        .encode();
        if (open != null) {
            open.file.close();
        }
        open = next;
        segmentNumber = next.segment.number();
        position = header.remaining();
    }

    /// Begins a new segment although the old one has room.
    ///
    /// @param recordBytes so much fits into its first batch
    void rollNow(int recordBytes) throws IOException {
        if (bodyBytes > 0) {
            throw new IllegalStateException("records are waiting");
        }
        roll(2 * recordBytes);
    }

    private void ensureBuffer(int bytes) {
        if (buffer.capacity() < bytes) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(bytes, buffer.capacity() * 2));
            larger.put(0, buffer, 0, Batch.HEADER_BYTES + bodyBytes);
            buffer = larger;
        }
    }

    /// Writes and syncs what was put.
    ///
    /// @throws IOException if the disk's answer was not a clear yes
    void flush() throws IOException {
        if (bodyBytes == 0) {
            return;
        }
        int total;
        if (controls.size() == 0) {
            frame(0, bodyBytes, false);
            total = (int) Batch.end(0, bodyBytes);
        } else {
            total = frameWithCopy();
        }
        write(total);
        marked = false;
    }

    /// The copy of the control records begins on a page of its own, so that one bad page cannot
    /// take both.
    private int frameWithCopy() {
        int unpadded = position + Batch.HEADER_BYTES + bodyBytes + Records.HEADER_BYTES;
        int copyAt = (unpadded + PAGE - 1 & -PAGE) - position;
        ByteBuffer padding = Records.padding(copyAt - Batch.HEADER_BYTES - bodyBytes);
        byte[] copied = controls.toByteArray();
        ensureBuffer(copyAt + Batch.HEADER_BYTES + copied.length + Batch.ALIGNMENT);
        buffer.put(Batch.HEADER_BYTES + bodyBytes, padding, 0, padding.remaining());
        bodyBytes += padding.remaining();
        frame(0, bodyBytes, false);
        long original = batchNumber;
        buffer.put(copyAt + Batch.HEADER_BYTES, copied);
        frame(copyAt, copied.length, true);
        lastControl = original;
        return (int) Batch.end(copyAt, copied.length);
    }

    private void frame(int at, int body, boolean isCopy) {
        batchNumber++;
        previousBatch =
                Batch.seal(
                        buffer,
                        at,
                        current().segment.salt(),
                        position + at,
                        batchNumber,
                        lastControl,
                        body,
                        previousBatch,
                        isCopy);
        for (int i = at + Batch.HEADER_BYTES + body; i < Batch.end(at, body); i++) {
            buffer.put(i, (byte) 0);
        }
    }

    private void write(int total) throws IOException {
        Open segment = current();
        try {
            if (header != null) {
                segment.file.write(header, 0);
                header = null;
            }
            segment.file.write(buffer.duplicate().clear().limit(total), position);
            segment.file.sync();
        } catch (Disk.FullException e) {
            // The space was claimed, so this is no full disk but a failing one.
            throw new IOException(e.getMessage(), e);
        }
        segment.claimedEnd = Math.max(segment.claimedEnd, position + total);
        position += total;
        bodyBytes = 0;
        controls.reset();
        if (buffer.capacity() > BUFFER_KEPT_BYTES) {
            buffer = ByteBuffer.allocateDirect(64 << 10);
        }
    }

    /// Says on disk that the last batch is durable, unless that is said already.
    void mark() throws IOException {
        if (!marked && bodyBytes == 0) {
            frame(0, 0, false);
            write((int) Batch.end(0, 0));
            marked = true;
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.file.close();
            open = null;
        }
    }
}
