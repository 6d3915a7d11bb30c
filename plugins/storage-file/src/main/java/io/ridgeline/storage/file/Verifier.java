package io.ridgeline.storage.file;

import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.storage.VerificationReport;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.index.DamagedIndexException;
import io.ridgeline.storage.file.index.Run;
import io.ridgeline.storage.file.segment.LogScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Checks the files of a storage that nobody uses, and changes none.
final class Verifier {
    private final Disk disk;
    private final List<String> notes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int buckets;
    private int partitions;
    private long entries;
    private long events;
    private long bytes;

    private Verifier(Disk disk) {
        this.disk = disk;
    }

    /// Checks all.
    ///
    /// @throws StorageException kind `IN_USE`, `UNKNOWN_VERSION`, or `FAILED`
    static VerificationReport verify(Disk disk) {
        AutoCloseable lock = FileStorage.locked(disk);
        try {
            return new Verifier(disk).run();
        } catch (IOException e) {
            throw FileStorage.failed("cannot read the storage", e);
        } finally {
            FileStorage.unlock(lock);
        }
    }

    private VerificationReport run() throws IOException {
        FileStorage.checkFormat(disk, false);
        for (String name : disk.list(FileStorage.VALUES)) {
            if (!name.endsWith(".new") && !name.endsWith(Twin.COPY)) {
                value(name);
            }
        }
        for (String name : disk.list("")) {
            if (name.startsWith("bucket-")) {
                bucket(name);
            }
        }
        return new VerificationReport(buckets, partitions, entries, events, bytes, notes, problems);
    }

    private void value(String name) throws IOException {
        Twin value = Twin.read(disk, FileStorage.VALUES, name);
        String path = FileStorage.VALUES + "/" + name;
        if (value.content() == null) {
            problems.add(path + " is not what was written");
        } else if (!value.isWhole()) {
            notes.add(path + ": its last write is torn, or a copy is damaged");
        }
    }

    private void bucket(String folder) throws IOException {
        if (disk.list(folder).stream().allMatch(name -> name.endsWith(".new"))) {
            return;
        }
        buckets++;
        @Nullable Manifest manifest = manifest(folder);
        if (manifest == null) {
            return;
        }
        if (disk.exists(folder + "/" + Bucket.STOPPED)) {
            problems.add(folder + " was stopped by a failure of the disk");
        }
        if (disk.exists(folder + "/" + Maintenance.REBUILD)) {
            notes.add(folder + ": the indexes will be made anew at the next start");
        }
        LogCheck log = new LogCheck(folder, notes, problems);
        scan(folder, manifest, log);
        partitions += log.partitions().size();
        entries += log.entries();
        events += log.events();
        watermarks(folder, log);
        runs(folder, manifest, log);
    }

    private @Nullable Manifest manifest(String folder) throws IOException {
        Twin file = Twin.read(disk, folder, Manifest.NAME);
        @Nullable ByteBuffer content = file.content();
        if (content == null) {
            boolean isUsed =
                    file.isLost()
                            || disk.list(folder).stream()
                                    .anyMatch(name -> name.startsWith("segment-"));
            (isUsed ? problems : notes).add(folder + ": no manifest can be read");
            return null;
        }
        if (!file.isWhole()) {
            notes.add(folder + ": the manifest's last write is torn, or a copy is damaged");
        }
        return Manifest.decode(content);
    }

    private void scan(String folder, Manifest manifest, LogCheck log) throws IOException {
        List<LogScan.Source> sources = new ArrayList<>();
        try {
            for (Manifest.Segment segment : manifest.segments()) {
                String path = segment.path(folder);
                boolean exists = disk.exists(path);
                if (!exists) {
                    problems.add(path + " is missing");
                }
                sources.add(
                        new LogScan.Source(
                                segment.number(),
                                segment.salt(),
                                exists ? disk.openForReading(path) : null));
            }
            LogScan.End end = new LogScan(sources, manifest.provenEnd(), log).run();
            end.notes().forEach(note -> notes.add(folder + ": " + note));
            bytes += end.bytes();
            log.unproven(end);
        } finally {
            for (LogScan.Source source : sources) {
                if (source.file() != null) {
                    source.file().close();
                }
            }
        }
    }

    private void watermarks(String folder, LogCheck log) throws IOException {
        int unreadable = 0;
        for (String name : Watermarks.NAMES) {
            String path = folder + "/" + name;
            if (disk.exists(path) && Files.read(disk, path) == null) {
                unreadable++;
                notes.add(path + ": its last write is torn");
            }
        }
        if (unreadable > 1) {
            problems.add(folder + ": both files of watermarks cannot be read");
        }
        Map<Integer, LogPosition> saved = Watermarks.read(disk, folder).byLog();
        for (LogCheck.State state : log.partitions()) {
            LogPosition watermark = saved.getOrDefault(state.logId, LogPosition.NONE);
            if (watermark.index() > state.last.index()) {
                problems.add(
                        "%s: partition %s ends at %s, confirmed was %s"
                                .formatted(folder, state.partition, state.last, watermark));
            }
        }
    }

    private void runs(String folder, Manifest manifest, LogCheck log) throws IOException {
        try (LogCheck.Places places = log.places(disk, manifest)) {
            var check = places.runCheck();
            for (int number : manifest.runs()) {
                try {
                    Run run = Run.open(disk, folder, number);
                    check.check(run);
                    bytes += run.fileBytes();
                    run.release();
                } catch (IOException | DamagedIndexException e) {
                    problems.add(folder + ": run " + number + ": " + e.getMessage());
                }
            }
            for (LogCheck.State state : log.partitions()) {
                long indexed = check.lastByLog().getOrDefault(state.logId, 0L);
                if (indexed > state.last.index()) {
                    problems.add(
                            "%s: partition %s ends at %s, its index at %d"
                                    .formatted(folder, state.partition, state.last, indexed));
                }
            }
        }
    }
}
