package io.ridgeline.storage.file.segment;

import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads the log of a bucket from a segment with a good header to its end, and tells apart what was
/// proven durable, what was perhaps not, what is torn and what is damaged (protocol review, C11,
/// C12). Changes nothing.
///
/// A batch is written only after the one before it was synced: whatever can be read behind a bad
/// place proves that the bad place was durable, so it is damage. What nothing can be read behind is
/// torn. A copy of control records is written together with its batch and proves nothing about it.
public final class LogScan {
    /// What happens to the logs.
    public interface Sink {
        /// A segment begins; its header has the state of all partitions at this place.
        void header(SegmentHeader header);

        /// A record, intact. Its bytes are good during the call only.
        void record(ByteBuffer bytes, int at, int length, long location) throws IOException;

        /// Records are missing here, of whatever partitions.
        ///
        /// @param withControls whether control records may be among them
        /// @param where for the operator
        void gap(boolean withControls, String where);
    }

    /// A segment to be read.
    ///
    /// @param number of the segment
    /// @param salt of the segment
    /// @param file open for reading, or null if it is missing
    public record Source(long number, long salt, @Nullable DiskFile file) {}

    /// Where a log ends.
    ///
    /// @param segment the number of the last segment that is proven to be in use; 0 for none
    /// @param end the offset behind the last proven batch in it
    /// @param batchNumber of the last proven batch
    /// @param lastControl number of the last proven batch with control records
    /// @param previousBatch checksum of the header of the last proven batch
    /// @param unproven a last batch that is intact and perhaps not durable; null without
    /// @param isDamaged whether what was durable cannot be read up to the end
    /// @param tornAt the location from which on bytes do not count; 0 without
    /// @param torn the segments whose first write is torn
    /// @param bytes how much was read
    /// @param notes what is normal after a crash
    public record End(
            long segment,
            int end,
            long batchNumber,
            long lastControl,
            int previousBatch,
            @Nullable Unproven unproven,
            boolean isDamaged,
            long tornAt,
            Set<Long> torn,
            long bytes,
            List<String> notes) {}

    /// The last batch, if nothing behind it proves it.
    ///
    /// @param location where the batch begins
    /// @param batch its header
    /// @param body its records
    /// @param segment the header of its segment, if the batch is the first one: written together,
    ///   both are in doubt
    public record Unproven(
            long location, Batch batch, ByteBuffer body, @Nullable SegmentHeader segment) {}

    /// No checksum: what a batch must follow was not read.
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final List<Source> sources;
    private final long provenEnd;
    private final Sink sink;
    private final List<String> notes = new ArrayList<>();
    private final Set<Long> used = new HashSet<>();
    private final Map<Long, SegmentHeader> headers = new HashMap<>();

    private long expected = 1;
    private long lastControl;
    private long previousBatch = UNKNOWN;
    private long bytesRead;

    // The last intact batch: applied once something proves it.
    private @Nullable Unproven pending;
    private int pendingEnd;

    private long markNumber;
    private long markPrevious;
    private long endSegment;
    private @Nullable SegmentHeader endHeader;
    private int end;
    private boolean isDamaged;
    private long tornAt;
    private final Set<Long> torn = new TreeSet<>();

    /// @param sources in order; the first one has a good header
    /// @param provenEnd a batch that begins before this location was durable for certain
    public LogScan(List<Source> sources, long provenEnd, Sink sink) {
        this.sources = sources;
        this.provenEnd = provenEnd;
        this.sink = sink;
    }

    /// {@return a good header of a segment, or null}
    public static @Nullable SegmentHeader header(Source source) throws IOException {
        if (source.file == null) {
            return null;
        }
        Window window = new Window(source.file);
        return header(window, source.salt);
    }

    private static @Nullable SegmentHeader header(Window window, long salt) {
        // The second copy lies at a multiple of a page that only a good copy tells.
        for (long offset = 0; offset < window.size(); offset += SegmentHeader.PAGE_BYTES) {
            int at = window.at(offset, 1 << 20);
            SegmentHeader header = SegmentHeader.read(window.bytes(), at, salt);
            if (header != null) {
                return header;
            }
            if (offset == 0 && isZero(window, 0, SegmentHeader.PAGE_BYTES)) {
                return isZero(window, 0, window.size()) ? null : second(window, salt);
            }
        }
        return null;
    }

    private static @Nullable SegmentHeader second(Window window, long salt) {
        for (long offset = SegmentHeader.PAGE_BYTES;
                offset < window.size();
                offset += SegmentHeader.PAGE_BYTES) {
            int at = window.at(offset, 1 << 20);
            SegmentHeader header = SegmentHeader.read(window.bytes(), at, salt);
            if (header != null) {
                return header;
            }
        }
        return null;
    }

    private static boolean isZero(Window window, long from, long to) {
        for (long offset = from; offset < to; ) {
            int at = window.at(offset, 1 << 16);
            int limit = (int) Math.min(window.bytes().limit(), at + to - offset);
            if (limit <= at) {
                return true;
            }
            for (int i = at; i < limit; i++) {
                if (window.bytes().get(i) != 0) {
                    return false;
                }
            }
            offset += limit - at;
        }
        return true;
    }

    /// Reads all.
    public End run() throws IOException {
        findUsed();
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get(i);
            if (!used.contains(source.number)) {
                continue;
            }
            if (source.file == null) {
                missing(source);
                continue;
            }
            Window window = new Window(source.file);
            @Nullable SegmentHeader header = headers.get(source.number);
            if (header != null) {
                begin(header, source);
            }
            segment(source, window, header, nextHeader(i));
            bytesRead += window.bytesRead();
        }
        return end();
    }

    private End end() {
        @Nullable Unproven last = pending;
        if (last != null && last.segment != null) {
            // The header was written together with what is in doubt, so it is in doubt, too.
            endSegment = Location.segment(last.segment.previous());
            end = Location.offset(last.segment.previous());
        }
        long number = expected - 1;
        long previous = previousBatch;
        if (last != null) {
            number = last.batch.number() - 1;
            previous = last.batch.previous();
            lastControl = last.batch.lastControl();
        } else if (markNumber == number && number > 0) {
            number--;
            previous = markPrevious;
        }
        return new End(
                endSegment,
                end,
                number,
                lastControl,
                (int) previous,
                last,
                isDamaged,
                tornAt,
                Set.copyOf(torn),
                bytesRead,
                List.copyOf(notes));
    }

    /// Finds the segments that count. The last one does only with its first batch: without it the
    /// end of the log is still where the segment before has it. One that a later one does not
    /// follow was replaced by a recovery.
    private void findUsed() throws IOException {
        @Nullable SegmentHeader next = null;
        for (int i = sources.size() - 1; i >= 0; i--) {
            Source source = sources.get(i);
            if (next != null && Location.segment(next.previous()) < source.number) {
                continue;
            }
            if (source.file == null) {
                used.add(source.number);
                continue;
            }
            Window window = new Window(source.file);
            @Nullable SegmentHeader header = header(window, source.salt);
            if (next != null || isUsed(source, window, header)) {
                used.add(source.number);
                if (header != null) {
                    headers.put(source.number, header);
                    next = header;
                }
            }
        }
    }

    private @Nullable SegmentHeader nextHeader(int i) {
        for (int j = i + 1; j < sources.size(); j++) {
            @Nullable SegmentHeader header = headers.get(sources.get(j).number);
            if (header != null) {
                return header;
            }
        }
        return null;
    }

    private void missing(Source source) throws IOException {
        // A segment that the manifest names was made before: the file is lost.
        settle();
        sink.gap(true, "segment " + source.number + " is missing");
    }

    /// {@return whether the last segment counts: its header and its first batch are one write, so
    /// without the batch the end of the segment before is still where that one says}
    private boolean isUsed(Source source, Window window, @Nullable SegmentHeader header) {
        if (header == null
                ? countsWithoutHeader(source, window)
                : hasBatch(source, window, header)) {
            return true;
        }
        if (header != null || !isZero(window, 0, window.size())) {
            notes.add("segment " + source.number + ": its first write is torn");
            torn.add(source.number);
        }
        return false;
    }

    private boolean hasBatch(Source source, Window window, SegmentHeader header) {
        long offset = header.headerBytes();
        @Nullable Batch first = batch(source, window, offset);
        if (first != null
                && first.number() == header.firstBatch()
                && isIntact(window, offset, first)) {
            return true;
        }
        // A copy may be all that is left of a torn write; anything later proves more.
        return search(source, window, offset, window.size(), header.firstBatch() + 2) >= 0
                || Location.of(source.number, (int) offset) < provenEnd;
    }

    private boolean countsWithoutHeader(Source source, Window window) {
        int intact = 0;
        for (long offset = search(source, window, 0, window.size(), 0);
                offset >= 0 && intact < 2;
                offset = search(source, window, offset + Batch.ALIGNMENT, window.size(), 0)) {
            @Nullable Batch batch = batch(source, window, offset);
            if (batch != null && !batch.isCopy()) {
                intact++;
            }
        }
        return intact >= 2 || Location.of(source.number, 1) < provenEnd;
    }

    private void begin(SegmentHeader header, Source source) throws IOException {
        if (endSegment != 0) {
            settle();
            if (header.firstBatch() > expected) {
                sink.gap(header.lastControl() >= expected, "before segment " + source.number);
            }
            // What was behind the end that this segment names does not count.
            isDamaged = false;
            tornAt = 0;
        }
        expected = header.firstBatch();
        lastControl = header.lastControl();
        previousBatch = header.previousBatch();
        sink.header(header);
        endSegment = source.number;
        endHeader = header;
        end = header.headerBytes();
    }

    private @Nullable Batch batch(Source source, Window window, long offset) {
        int at = window.at(offset, Batch.HEADER_BYTES);
        return Batch.read(window.bytes(), at, source.salt, offset);
    }

    private void segment(
            Source source,
            Window window,
            @Nullable SegmentHeader header,
            @Nullable SegmentHeader next)
            throws IOException {
        @Nullable SegmentHeader follower =
                next != null && Location.segment(next.previous()) == source.number ? next : null;
        boolean isFollowed = follower != null;
        long limit = follower != null ? Location.offset(follower.previous()) : window.size();
        long offset = header == null ? 0 : header.headerBytes();
        endSegment = source.number;
        while (offset < limit) {
            Batch batch = batch(source, window, offset);
            if (batch != null && follows(batch) && isIntact(window, offset, batch)) {
                take(source, window, offset, batch);
                offset = Batch.end(offset, batch.bodyBytes());
                continue;
            }
            boolean mayEnd = !isFollowed && Location.of(source.number, (int) offset) >= provenEnd;
            if (batch == null && mayEnd && isZero(window, offset, limit)) {
                return;
            }
            long later = search(source, window, offset + Batch.ALIGNMENT, limit, expected);
            if (mayEnd
                    && (later < 0
                            ? window.unreadableFrom() >= window.size()
                            : isTornCopy(source, window, later))) {
                tear(source, offset);
                return;
            }
            offset = damaged(source, window, offset, batch, later, follower);
            if (offset < 0) {
                return;
            }
        }
    }

    private boolean follows(Batch batch) {
        return batch.number() == expected
                && (previousBatch == UNKNOWN || batch.previous() == (int) previousBatch);
    }

    /// Goes on behind a place that was durable and cannot be read.
    ///
    /// @return where to go on, or −1 at the end of the segment
    private long damaged(
            Source source,
            Window window,
            long offset,
            @Nullable Batch batch,
            long later,
            @Nullable SegmentHeader next)
            throws IOException {
        settle();
        String where = Location.toString(Location.of(source.number, (int) offset));
        @Nullable Batch found = later < 0 ? null : batch(source, window, later);
        boolean withControls =
                found != null
                        ? found.lastControl() >= expected
                        : next == null || next.lastControl() >= expected;
        boolean isWhole = false;
        if (batch != null && batch.number() == expected) {
            isWhole = salvage(source, window, offset, batch, withControls, where);
            if (isWhole) {
                expected++;
                previousBatch = batch.checksum();
                end = (int) Batch.end(offset, batch.bodyBytes());
                return Batch.end(offset, batch.bodyBytes());
            }
        }
        if (found == null) {
            sink.gap(withControls, where);
            isDamaged |= next == null;
            previousBatch = UNKNOWN;
            return -1;
        }
        if (found.number() == expected && !found.isCopy()) {
            // Only the segment's header was missing before it.
            return later;
        }
        previousBatch = UNKNOWN;
        if (found.isCopy() && found.number() > expected && isIntact(window, later, found)) {
            int at = window.at(later, Batch.HEADER_BYTES + found.bodyBytes());
            records(
                    window.bytes(),
                    at + Batch.HEADER_BYTES,
                    found.bodyBytes(),
                    Location.of(source.number, (int) later + Batch.HEADER_BYTES));
            sink.gap(withControls, where);
            lastControl = found.number() - 1;
            expected = found.number() + 1;
            end = (int) Batch.end(later, found.bodyBytes());
            return end;
        }
        sink.gap(withControls || found.isCopy(), where);
        expected = found.isCopy() ? found.number() + 1 : found.number();
        return found.isCopy() ? Batch.end(later, found.bodyBytes()) : later;
    }

    /// Takes the records of a damaged batch that are intact themselves.
    ///
    /// @return whether all of the batch was walked through
    private boolean salvage(
            Source source,
            Window window,
            long offset,
            Batch batch,
            boolean withControls,
            String where)
            throws IOException {
        int at = window.at(offset, Batch.HEADER_BYTES + batch.bodyBytes()) + Batch.HEADER_BYTES;
        int limit = Math.min(window.bytes().limit(), at + batch.bodyBytes());
        long location = Location.of(source.number, (int) offset + Batch.HEADER_BYTES) - at;
        while (at < limit) {
            int length = Records.length(window.bytes(), at, limit);
            if (length < 0) {
                return false;
            }
            if (Records.isIntact(window.bytes(), at, length)) {
                sink.record(window.bytes(), at, length, location + at);
            } else if (at + length == limit || isIntactAt(window.bytes(), at + length, limit)) {
                sink.gap(withControls, where);
            } else {
                return false;
            }
            at += length;
        }
        return at == limit && limit - batch.bodyBytes() >= 0;
    }

    private static boolean isIntactAt(ByteBuffer bytes, int at, int limit) {
        int length = Records.length(bytes, at, limit);
        return length > 0 && Records.isIntact(bytes, at, length);
    }

    private static boolean isIntact(Window window, long offset, Batch batch) {
        int at = window.at(offset, Batch.HEADER_BYTES + batch.bodyBytes());
        return batch.isIntact(window.bytes(), at);
    }

    private void tear(Source source, long offset) {
        tornAt = Location.of(source.number, (int) offset);
        notes.add(
                "torn last write at %s"
                        .formatted(Location.toString(Location.of(source.number, (int) offset))));
    }

    /// {@return whether all that can be read is the copy that was written together with what is
    /// torn}
    private boolean isTornCopy(Source source, Window window, long later) {
        Batch copy = batch(source, window, later);
        return copy != null
                && copy.isCopy()
                && copy.number() == expected + 1
                && search(source, window, later + Batch.ALIGNMENT, window.size(), copy.number() + 1)
                        < 0;
    }

    /// {@return the offset of the next batch header from a number on, or −1}
    private long search(Source source, Window window, long from, long limit, long number) {
        long offset = from + Batch.ALIGNMENT - 1 & -Batch.ALIGNMENT;
        while (offset + Batch.HEADER_BYTES <= limit) {
            int at = window.at(offset, Batch.HEADER_BYTES);
            int last = window.bytes().limit() - Batch.HEADER_BYTES;
            while (at <= last && !Batch.mayBegin(window.bytes(), at)) {
                at += Batch.ALIGNMENT;
                offset += Batch.ALIGNMENT;
            }
            if (at > last) {
                continue;
            }
            Batch batch = batch(source, window, offset);
            if (batch != null && batch.number() >= number && offset < limit) {
                return offset;
            }
            offset += Batch.ALIGNMENT;
        }
        return -1;
    }

    private void take(Source source, Window window, long offset, Batch batch) throws IOException {
        long batchEnd = Batch.end(offset, batch.bodyBytes());
        boolean isProven = false;
        if (!batch.isCopy()) {
            settle();
            if (batch.bodyBytes() == 0) {
                // A mark proves what is before it. It may itself not be on the disk, so the next
                // batch will be written over it.
                end = (int) offset;
                markNumber = batch.number();
                markPrevious = previousBatch;
            } else {
                int at = window.at(offset, Batch.HEADER_BYTES + batch.bodyBytes());
                byte[] body = new byte[batch.bodyBytes()];
                window.bytes().get(at + Batch.HEADER_BYTES, body);
                @Nullable SegmentHeader header = endHeader;
                boolean isFirst =
                        header != null
                                && header.number() == source.number
                                && header.firstBatch() == batch.number();
                pending =
                        new Unproven(
                                Location.of(source.number, (int) offset),
                                batch,
                                ByteBuffer.wrap(body),
                                isFirst ? header : null);
                // All before it was synced before it was written, a mark included.
                end = (int) offset;
                isProven = Location.of(source.number, (int) offset) < provenEnd;
            }
        }
        if (batch.isCopy() && pending == null) {
            end = (int) batchEnd;
        }
        pendingEnd = (int) batchEnd;
        expected = batch.number() + 1;
        previousBatch = batch.checksum();
        if (isProven) {
            settle();
        }
    }

    /// Applies the last intact batch: something proves it.
    private void settle() throws IOException {
        @Nullable Unproven last = pending;
        if (last != null) {
            pending = null;
            long location = last.location + Batch.HEADER_BYTES;
            if (records(last.body, 0, last.body.limit(), location)) {
                lastControl = last.batch.number();
            }
            end = pendingEnd;
        }
    }

    /// {@return whether there were control records}
    private boolean records(ByteBuffer bytes, int start, int length, long location)
            throws IOException {
        int at = start;
        boolean hasControls = false;
        while (at < start + length) {
            int recordBytes = Records.length(bytes, at, start + length);
            if (recordBytes < 0) {
                throw new IllegalStateException(
                        "a batch with a good checksum has a bad record at "
                                + Location.toString(location));
            }
            int kind = Records.kind(bytes, at);
            hasControls |= kind >= Records.CONTROL && kind != Records.PADDING;
            sink.record(bytes, at, recordBytes, location + at - start);
            at += recordBytes;
        }
        return hasControls;
    }
}
