package io.ridgeline.storage.file;

import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The watermarks of a bucket in two files that are written in turn: the newer good one counts, and
/// being behind is safe. For the bucket's owner.
final class Watermarks {
    static final String[] NAMES = {"watermarks-0", "watermarks-1"};

    /// Under load they are saved this often.
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final Disk disk;
    private final String folder;
    private long change;
    private boolean isChanged;
    private long savedAt;

    Watermarks(Disk disk, String folder, long change) {
        this.disk = disk;
        this.folder = folder;
        this.change = change;
        this.savedAt = disk.nanoTime();
    }

    /// What a file said.
    ///
    /// @param change the higher one is newer
    /// @param byLog watermarks by log id
    record Saved(long change, Map<Integer, LogPosition> byLog) {}

    /// {@return the newest that can be read}
    static Saved read(Disk disk, String folder) throws IOException {
        Saved newest = new Saved(0, Map.of());
        for (String name : NAMES) {
            @Nullable ByteBuffer content = Files.read(disk, folder + "/" + name);
            if (content != null && content.getLong(0) > newest.change) {
                long change = content.getLong();
                Map<Integer, LogPosition> byLog = new HashMap<>();
                while (content.hasRemaining()) {
                    byLog.put(
                            content.getInt(),
                            new LogPosition(content.getLong(), content.getLong()));
                }
                newest = new Saved(change, byLog);
            }
        }
        return newest;
    }

    void changed() {
        isChanged = true;
    }

    /// Saves them if they changed and it is time.
    ///
    /// @param now whether it is time in any case
    void save(Collection<Log> logs, boolean now) throws IOException {
        if (!isChanged || (!now && disk.nanoTime() - savedAt < INTERVAL_NANOS)) {
            return;
        }
        savedAt = disk.nanoTime();
        ByteBuffer content = ByteBuffer.allocate(8 + logs.size() * 20);
        content.putLong(++change);
        boolean isBehind = false;
        for (Log log : logs) {
            LogPosition saved = log.watermark;
            if (saved.index() > log.durable.index()) {
                // A watermark above the log would be read as lost memory (protocol review, H9).
                saved = log.durable;
                isBehind = true;
            }
            if (saved.index() > 0) {
                content.putInt(log.logId).putLong(saved.index()).putLong(saved.epoch());
            }
        }
        Files.overwrite(disk, folder, NAMES[(int) (change % 2)], content.flip());
        isChanged = isBehind;
    }
}
