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
        return source.file == null ? null : new SegmentView(source, source.file).header();
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
            SegmentView view = new SegmentView(source, source.file);
            @Nullable SegmentHeader header = headers.get(source.number);
            if (header != null) {
                begin(header, source);
            }
            segment(view, header, nextHeader(i));
            bytesRead += view.bytesRead();
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
            SegmentView view = new SegmentView(source, source.file);
            @Nullable SegmentHeader header = view.header();
            if (next != null || isUsed(view, header)) {
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
    private boolean isUsed(SegmentView view, @Nullable SegmentHeader header) {
        if (header == null ? countsWithoutHeader(view) : hasBatch(view, header)) {
            return true;
        }
        if (header != null || !view.isZero(0, view.size())) {
            notes.add("segment " + view.number() + ": its first write is torn");
            torn.add(view.number());
        }
        return false;
    }

    private boolean hasBatch(SegmentView view, SegmentHeader header) {
        long offset = header.headerBytes();
        @Nullable Batch first = view.batch(offset);
        if (first != null
                && first.number() == header.firstBatch()
                && view.isIntact(offset, first)) {
            return true;
        }
        // A copy may be all that is left of a torn write; anything later proves more.
        return view.search(offset, view.size(), header.firstBatch() + 2) >= 0
                || view.location(offset) < provenEnd;
    }

    private boolean countsWithoutHeader(SegmentView view) {
        int intact = 0;
        for (long offset = view.search(0, view.size(), 0);
                offset >= 0 && intact < 2;
                offset = view.search(offset + Batch.ALIGNMENT, view.size(), 0)) {
            @Nullable Batch batch = view.batch(offset);
            if (batch != null && !batch.isCopy()) {
                intact++;
            }
        }
        return intact >= 2 || view.location(1) < provenEnd;
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

    private void segment(
            SegmentView view, @Nullable SegmentHeader header, @Nullable SegmentHeader next)
            throws IOException {
        @Nullable SegmentHeader follower =
                next != null && Location.segment(next.previous()) == view.number() ? next : null;
        boolean isFollowed = follower != null;
        long limit = follower != null ? Location.offset(follower.previous()) : view.size();
        long offset = header == null ? 0 : header.headerBytes();
        endSegment = view.number();
        while (offset < limit) {
            Batch batch = view.batch(offset);
            if (batch != null && follows(batch) && view.isIntact(offset, batch)) {
                take(view, offset, batch);
                offset = Batch.end(offset, batch.bodyBytes());
                continue;
            }
            boolean mayEnd = !isFollowed && view.location(offset) >= provenEnd;
            if (batch == null && mayEnd && view.isZero(offset, limit)) {
                return;
            }
            long later = view.search(offset + Batch.ALIGNMENT, limit, expected);
            if (mayEnd
                    && (later < 0
                            ? view.unreadableFrom() >= view.size()
                            : isTornCopy(view, later))) {
                tear(view, offset);
                return;
            }
            offset = damaged(view, offset, batch, later, follower);
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
            SegmentView view,
            long offset,
            @Nullable Batch batch,
            long later,
            @Nullable SegmentHeader next)
            throws IOException {
        settle();
        String where = Location.toString(view.location(offset));
        @Nullable Batch found = later < 0 ? null : view.batch(later);
        boolean withControls =
                found != null
                        ? found.lastControl() >= expected
                        : next == null || next.lastControl() >= expected;
        boolean isWhole = false;
        if (batch != null && batch.number() == expected) {
            isWhole = salvage(view, offset, batch, withControls, where);
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
        if (found.isCopy() && found.number() > expected && view.isIntact(later, found)) {
            int at = view.at(later, Batch.HEADER_BYTES + found.bodyBytes());
            records(
                    view.bytes(),
                    at + Batch.HEADER_BYTES,
                    found.bodyBytes(),
                    view.location(later + Batch.HEADER_BYTES));
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
            SegmentView view, long offset, Batch batch, boolean withControls, String where)
            throws IOException {
        int at = view.at(offset, Batch.HEADER_BYTES + batch.bodyBytes()) + Batch.HEADER_BYTES;
        int limit = Math.min(view.bytes().limit(), at + batch.bodyBytes());
        long location = view.location(offset + Batch.HEADER_BYTES) - at;
        while (at < limit) {
            int length = Records.length(view.bytes(), at, limit);
            if (length < 0) {
                return false;
            }
            if (Records.isIntact(view.bytes(), at, length)) {
                sink.record(view.bytes(), at, length, location + at);
            } else if (at + length == limit || isIntactAt(view.bytes(), at + length, limit)) {
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

    private void tear(SegmentView view, long offset) {
        tornAt = view.location(offset);
        notes.add("torn last write at %s".formatted(Location.toString(view.location(offset))));
    }

    /// {@return whether all that can be read is the copy that was written together with what is
    /// torn}
    private boolean isTornCopy(SegmentView view, long later) {
        Batch copy = view.batch(later);
        return copy != null
                && copy.isCopy()
                && copy.number() == expected + 1
                && view.search(later + Batch.ALIGNMENT, view.size(), copy.number() + 1) < 0;
    }

    private void take(SegmentView view, long offset, Batch batch) throws IOException {
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
                int at = view.at(offset, Batch.HEADER_BYTES + batch.bodyBytes());
                byte[] body = new byte[batch.bodyBytes()];
                view.bytes().get(at + Batch.HEADER_BYTES, body);
                @Nullable SegmentHeader header = endHeader;
                boolean isFirst =
                        header != null
                                && header.number() == view.number()
                                && header.firstBatch() == batch.number();
                pending =
                        new Unproven(
                                view.location(offset),
                                batch,
                                ByteBuffer.wrap(body),
                                isFirst ? header : null);
                // All before it was synced before it was written, a mark included.
                end = (int) offset;
                isProven = view.location(offset) < provenEnd;
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
