package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The segment that will be used next: made, named by the manifest, then written with zeros a piece
/// at a time, so that the writer overwrites blocks that are there. The writer may take it at any
/// moment and then claims the rest as it goes. Any thread may call it.
final class Spare implements AutoCloseable {
    private static final int STEP_BYTES = 1 << 20;
    private static final int SYNC_BYTES = 4 << 20;

    private final Bucket bucket;
    private final LongSupplier salts;
    private LogWriter.@Nullable Open spare;
    private boolean isListed;
    private volatile boolean isReady;
    private volatile long bytes;

    Spare(Bucket bucket, LongSupplier salts) {
        this.bucket = bucket;
        this.salts = salts;
    }

    /// Goes on with a spare segment of an earlier process, which is synced.
    synchronized void resume(LogWriter.Open found) {
        spare = found;
        isListed = true;
        isReady = found.claimedEnd >= found.capacity;
        bytes = found.claimedEnd;
    }

    /// {@return how much is claimed in it, durably}
    long bytes() {
        return bytes;
    }

    /// {@return whether there is something to do}
    boolean isDue() {
        return !isReady;
    }

    /// Does a piece of the work.
    ///
    /// @return whether there was something to do
    synchronized boolean step() throws IOException {
        if (isReady) {
            return false;
        }
        LogWriter.Open open = listed(bucket.options.segmentBytes());
        int end = Math.min(open.capacity, open.claimedEnd + STEP_BYTES);
        LogWriter.claimTo(open, end);
        boolean isLast = open.claimedEnd >= open.capacity;
        if (isLast || (open.claimedEnd & (SYNC_BYTES - 1)) == 0) {
            // In small pieces: a large one would hold up the writer's own syncs.
            open.file.sync();
            bytes = open.claimedEnd;
        }
        isReady = isLast;
        return true;
    }

    private LogWriter.Open listed(int capacity) throws IOException {
        if (spare == null) {
            spare = made(capacity);
        }
        LogWriter.Open made = spare;
        if (!isListed) {
            bucket.disk.syncFolder(bucket.folder);
            Manifest.Segment segment = made.segment;
            bucket.manifest.update(current -> {
                List<Manifest.Segment> segments = new ArrayList<>(current.segments());
                segments.add(segment);
                return current.with(segments);
            });
            bucket.files.know(segment);
            isListed = true;
        }
        return made;
    }

    private LogWriter.Open made(int capacity) throws IOException {
        List<Manifest.Segment> segments = bucket.manifest.current().segments();
        long number = segments.isEmpty() ? 1 : segments.getLast().number() + 1;
        Manifest.Segment segment = new Manifest.Segment(number, salts.getAsLong());
        String path = segment.path(bucket.folder);
        DiskFile file = bucket.disk.open(path, true);
        return new LogWriter.Open(segment, file, capacity, 0);
    }

    /// Claims so much at once.
    ///
    /// @throws Disk.FullException if there is no space
    synchronized void claim(int bytesMin) throws IOException {
        if (bytes < bytesMin) {
            LogWriter.Open open = listed(Math.max(bytesMin, bucket.options.segmentBytes()));
            LogWriter.claimTo(open, bytesMin);
            open.file.sync();
            bytes = open.claimedEnd;
        }
    }

    /// Hands the spare segment over.
    ///
    /// @param bytesMin so much of it is claimed
    /// @throws Disk.FullException if there is no space; the spare one stays
    synchronized LogWriter.Open take(int bytesMin) throws IOException {
        LogWriter.Open open = listed(Math.max(bytesMin, bucket.options.segmentBytes()));
        if (open.capacity < bytesMin) {
            open = new LogWriter.Open(open.segment, open.file, bytesMin, open.claimedEnd);
            spare = open;
            isReady = false;
        }
        LogWriter.claimTo(open, bytesMin);
        spare = null;
        isListed = false;
        isReady = false;
        bytes = 0;
        return open;
    }

    @Override
    public synchronized void close() {
        if (spare != null) {
            spare.file.close();
            spare = null;
        }
    }
}
