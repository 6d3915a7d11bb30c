package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import io.ridgeline.storage.file.segment.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The segments that readers have open, a bounded number of them. Any thread may call it.
final class SegmentFiles implements AutoCloseable {
    private static final int OPEN_MAX = 256;

    private static final class Opened {
        final DiskFile file;
        int users;

        Opened(DiskFile file) {
            this.file = file;
        }
    }

    private final Disk disk;
    private final String folder;
    private final Map<Long, Opened> opened = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Long, Manifest.Segment> known = new LinkedHashMap<>();
    private boolean closed;

    SegmentFiles(Disk disk, String folder) {
        this.disk = disk;
        this.folder = folder;
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
            return entry.file.read(to, Location.offset(location));
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
        entry.users++;
        return entry;
    }

    private void closeUnused() {
        Iterator<Opened> eldest = opened.values().iterator();
        while (opened.size() > OPEN_MAX && eldest.hasNext()) {
            Opened entry = eldest.next();
            if (entry.users == 0 && opened.size() > OPEN_MAX) {
                entry.file.close();
                eldest.remove();
            }
        }
    }

    private synchronized void release(Opened entry) {
        entry.users--;
        if (closed && entry.users == 0) {
            entry.file.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Opened entry : opened.values()) {
            if (entry.users == 0) {
                entry.file.close();
            }
        }
    }
}
