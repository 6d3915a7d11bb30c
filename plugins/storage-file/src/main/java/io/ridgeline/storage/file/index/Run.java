package io.ridgeline.storage.file.index;

import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The immutable index of some confirmed entries: where they lie, their ids, their streams. Any
/// thread may read it as long as it is held.
public final class Run {
    private static final List<String> PARTS = List.of("entries", "ids", "streams");

    private final int number;
    private final String folder;
    private final Disk disk;
    final EntryTable entries;
    final PairTable ids;
    final PairTable streams;
    private final AtomicInteger users = new AtomicInteger(1);
    private volatile boolean isObsolete;

    private Run(
            Disk disk,
            String folder,
            int number,
            EntryTable entries,
            PairTable ids,
            PairTable streams) {
        this.disk = disk;
        this.folder = folder;
        this.number = number;
        this.entries = entries;
        this.ids = ids;
        this.streams = streams;
    }

    static String path(String folder, int number, String part) {
        return "%s/run-%08d.%s".formatted(folder, number, part);
    }

    /// {@return the files of a run}
    public static List<String> paths(String folder, int number) {
        return PARTS.stream().map(part -> path(folder, number, part)).toList();
    }

    /// Opens a run.
    ///
    /// @throws DamagedIndexException if it is damaged, as far as opening it shows
    /// @throws IOException if it is missing
    public static Run open(Disk disk, String folder, int number) throws IOException {
        EntryTable entries = new EntryTable(disk, path(folder, number, "entries"));
        try {
            PairTable ids = new PairTable(disk, path(folder, number, "ids"), false);
            try {
                return new Run(
                        disk,
                        folder,
                        number,
                        entries,
                        ids,
                        new PairTable(disk, path(folder, number, "streams"), true));
            } catch (IOException | RuntimeException e) {
                ids.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            entries.close();
            throw e;
        }
    }

    /// Removes the files of a run that nobody has open.
    public static void delete(Disk disk, String folder, int number) throws IOException {
        for (String path : paths(folder, number)) {
            disk.delete(path);
        }
    }

    /// {@return the number that names it in its bucket}
    public int number() {
        return number;
    }

    /// {@return how many entries and ids it holds}
    public long rows() {
        return entries.rows() + ids.rows();
    }

    /// {@return the bytes of its files}
    public long fileBytes() {
        return entries.fileBytes() + ids.fileBytes() + streams.fileBytes();
    }

    void retain() {
        users.incrementAndGet();
    }

    /// Lets its files be removed once nobody holds it.
    public void obsolete() {
        isObsolete = true;
    }

    /// Lets go of it.
    public void release() {
        if (users.decrementAndGet() == 0) {
            entries.close();
            ids.close();
            streams.close();
            if (isObsolete) {
                try {
                    delete(disk, folder, number);
                } catch (IOException e) {
                    // What the manifest does not name is removed at the next start.
                    isObsolete = false;
                }
            }
        }
    }
}
