package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.segment.Location;
import io.ridgeline.storage.file.segment.LogScan;
import io.ridgeline.storage.file.segment.Records;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Where recovery found the end of a bucket's log. Makes durable what perhaps is not, clears away
/// what does not count, and lets the writer go on.
///
/// As long as nothing is lost this happens in place and takes no space. The last batch is written
/// again as the very bytes that it is, and what is torn is overwritten with zeros: a power cut
/// meanwhile leaves what had been found, and old bytes cannot revive behind new ones. A blank
/// replica is told by the header of a new segment, and what was durable and cannot be read is left
/// behind in the old one.
final class LogEnd {
    private static final int PIECE_BYTES = 1 << 20;

    private final Bucket bucket;
    private final LogScan.End end;
    private final @Nullable ByteBuffer body;
    private final long unprovenSegment;

    /// Hears where a record of the last batch lies.
    interface Taken {
        void record(ByteBuffer bytes, int at, int length, long location) throws IOException;
    }

    LogEnd(Bucket bucket, LogScan.End end) {
        this.bucket = bucket;
        this.end = end;
        LogScan.@Nullable Unproven last = end.unproven();
        this.body = last == null ? null : last.body();
        this.unprovenSegment = last == null ? 0 : Location.segment(last.location());
    }

    void goOnInPlace(Taken taken) throws IOException {
        long number = Math.max(end.segment(), unprovenSegment);
        Manifest.@Nullable Segment current = segment(number);
        if (current == null) {
            resume(null, end.end());
        } else {
            LogWriter.Open open = opened(current);
            int from = writeAgain(open, taken);
            if (Location.segment(end.tornAt()) == number) {
                zero(open.file, Math.max(from, Location.offset(end.tornAt())));
            }
            // Whatever an earlier process wrote and did not sync is durable before more follows.
            open.file.sync();
        }
        List<Manifest.Segment> later = segmentsBehind(number);
        keepSpare(later, number);
        drop(later);
    }

    /// @return the offset behind what counts
    private int writeAgain(LogWriter.Open open, Taken taken) throws IOException {
        LogScan.@Nullable Unproven last = end.unproven();
        if (last == null) {
            resume(open, end.end());
            return end.end();
        }
        resume(open, Location.offset(last.location()));
        if (last.segment() != null) {
            bucket.writer.beginAgain(last.segment().encode());
        }
        ByteBuffer records = last.body();
        boolean hasControls = false;
        for (int at = 0; at < records.limit(); ) {
            int length = Records.length(records, at, records.limit());
            int kind = Records.kind(records, at);
            boolean isPadding = kind == Records.PADDING;
            boolean isControl = kind >= Records.CONTROL && !isPadding;
            hasControls |= isControl;
            // Padding before a copy of control records is made by the writer.
            if (!isPadding || !hasControls) {
                long location = bucket.writer.putAgain(records.slice(at, length), isControl);
                if (!isPadding) {
                    taken.record(records, at, length, location);
                }
            }
            at += length;
        }
        bucket.writer.flush();
        return Location.offset(bucket.writer.writtenEnd());
    }

    /// @param counts which of the last batch's records, by their offset, are taken along
    void goOnInNewSegment(IntPredicate counts, Taken taken) throws IOException {
        Manifest.@Nullable Segment current = segment(end.segment());
        resume(current == null ? null : opened(current), end.end());
        List<Manifest.Segment> later = segmentsBehind(end.segment());
        keepSpare(later, Math.max(end.segment(), unprovenSegment));
        bucket.writer.rollNow(body == null ? 0 : body.limit());
        boolean isEmpty = true;
        int at = 0;
        while (body != null && at < body.limit()) {
            int length = Records.length(body, at, body.limit());
            int kind = Records.kind(body, at);
            if (kind != Records.PADDING && counts.test(at)) {
                long location =
                        bucket.writer.put(body.slice(at, length), kind >= Records.CONTROL, 0);
                taken.record(body, at, length, location);
                isEmpty = false;
            }
            at += length;
        }
        if (isEmpty) {
            bucket.writer.put(Records.padding(Records.HEADER_BYTES), false, 0);
        }
        bucket.writer.flush();
        drop(later);
    }

    private void resume(LogWriter.@Nullable Open open, int position) {
        bucket.writer.resume(
                open, position, end.batchNumber(), end.lastControl(), end.previousBatch());
    }

    private Manifest.@Nullable Segment segment(long number) {
        for (Manifest.Segment segment : bucket.manifest.current().segments()) {
            if (segment.number() == number) {
                return segment;
            }
        }
        return null;
    }

    private List<Manifest.Segment> segmentsBehind(long number) {
        List<Manifest.Segment> later = new ArrayList<>(bucket.manifest.current().segments());
        later.removeIf(segment -> segment.number() <= number);
        return later;
    }

    private LogWriter.Open opened(Manifest.Segment segment) throws IOException {
        DiskFile file = bucket.disk.open(segment.path(bucket.folder), false);
        int size = (int) file.size();
        return new LogWriter.Open(
                segment, file, Math.max(size, bucket.options.segmentBytes()), size);
    }

    /// The last segment, if it was never used or torn in its first write, will be the next one, so
    /// that a start does not depend on space for another.
    private void keepSpare(List<Manifest.Segment> later, long behind) throws IOException {
        if (later.isEmpty()
                || later.getLast().number() <= behind
                || !bucket.disk.exists(later.getLast().path(bucket.folder))) {
            return;
        }
        LogWriter.Open spare = opened(later.removeLast());
        if (end.torn().contains(spare.segment.number())) {
            zero(spare.file, 0);
        }
        spare.file.sync();
        bucket.maintenance.spare.resume(spare);
    }

    /// Removes segments that were torn in their first write or have been written again. Their
    /// numbers are not used again while they are there.
    private void drop(List<Manifest.Segment> unused) throws IOException {
        if (unused.isEmpty()) {
            return;
        }
        bucket.manifest.update(manifest -> {
            List<Manifest.Segment> rest = new ArrayList<>(manifest.segments());
            rest.removeAll(unused);
            return manifest.with(rest);
        });
        for (Manifest.Segment segment : unused) {
            bucket.disk.delete(segment.path(bucket.folder));
        }
    }

    /// Overwrites with zeros what is not zero from an offset on.
    private static void zero(DiskFile file, long from) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        ByteBuffer zeros = ByteBuffer.allocate(PIECE_BYTES);
        long size = file.size();
        for (long at = from; at < size; at += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, size - at);
            piece.clear().limit(length);
            if (!isZero(file, piece, at)) {
                file.write(zeros.clear().limit(length), at);
            }
        }
    }

    private static boolean isZero(DiskFile file, ByteBuffer piece, long at) {
        try {
            file.read(piece, at);
        } catch (IOException e) {
            // Writing may heal what cannot be read.
            return false;
        }
        piece.flip();
        while (piece.hasRemaining()) {
            if (piece.get() != 0) {
                return false;
            }
        }
        return true;
    }
}
