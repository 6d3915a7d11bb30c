package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.disk.Mapping;
import io.ridgeline.storage.file.segment.Location;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The segments that readers have open, a bounded number of them. Any thread may call it.
///
/// Segments that are full are mapped: the partitions of a bucket share its segments, so the entries
/// of one lie scattered, and a system call for each would cost more than all else that is done for
/// it (decision 12).
final class SegmentFiles implements AutoCloseable {
    private static final int OPEN_MAX = 256;

    private static final class Opened {
        final DiskFile file;
        final Mapping mapping = new Mapping();
        @Nullable MemorySegment mapped;
        boolean mapFailed;
        int users;

        Opened(DiskFile file) {
            this.file = file;
        }

        void map() {
            try {
                mapped = mapping.of(file);
            } catch (IOException e) {
                // The machine allows so many mappings; the file can be read all the same.
                mapFailed = true;
            }
        }

        int read(ByteBuffer to, int offset) throws IOException {
            MemorySegment source = mapped;
            if (source == null) {
                return file.read(to, offset);
            }
            int count = Math.clamp(source.byteSize() - offset, 0, to.remaining());
            if (count == 0) {
                return 0;
            }
            try {
                MemorySegment.ofBuffer(to).copyFrom(source.asSlice(offset, count));
            } catch (InternalError e) {
                throw new IOException("a mapped page cannot be read", e);
            }
            to.position(to.position() + count);
            return count;
        }

        void close() {
            mapping.close();
            file.close();
        }
    }

    private final Disk disk;
    private final String folder;
    private final LongSupplier fullBelow;
    private final Map<Long, Opened> opened = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Long, Manifest.Segment> known = new LinkedHashMap<>();
    private boolean closed;

    /// @param fullBelow segments of lower numbers do not change any more
    SegmentFiles(Disk disk, String folder, LongSupplier fullBelow) {
        this.disk = disk;
        this.folder = folder;
        this.fullBelow = fullBelow;
    }

    synchronized void know(Manifest.Segment segment) {
        known.put(segment.number(), segment);
    }

    /// Reads bytes of a segment.
    ///
    /// @return how many there were
    int read(ByteBuffer to, long location) throws IOException {
        long number = Location.segment(location);
        Opened entry = acquire(number);
        try {
            return entry.read(to, Location.offset(location));
        } finally {
            release(entry);
        }
    }

    private synchronized Opened acquire(long number) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        @Nullable Opened entry = opened.get(number);
        if (entry == null) {
            Manifest.Segment segment = known.get(number);
            if (segment == null) {
                throw new IOException("no segment " + number);
            }
            entry = new Opened(disk.openForReading(segment.path(folder)));
            opened.put(number, entry);
            closeUnused();
        }
        if (!Mapping.NATIVE
                && entry.mapped == null
                && !entry.mapFailed
                && number < fullBelow.getAsLong()) {
            entry.map();
        }
        entry.users++;
        return entry;
    }

    private void closeUnused() {
        Iterator<Opened> eldest = opened.values().iterator();
        while (opened.size() > OPEN_MAX && eldest.hasNext()) {
            Opened entry = eldest.next();
            if (entry.users == 0 && opened.size() > OPEN_MAX) {
                entry.close();
                eldest.remove();
            }
        }
    }

    private synchronized void release(Opened entry) {
        entry.users--;
        if (closed && entry.users == 0) {
            entry.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Opened entry : opened.values()) {
            if (entry.users == 0) {
                entry.close();
            }
        }
    }
}
