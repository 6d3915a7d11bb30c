package io.ridgeline.it.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A small file system in memory that can be filled to its last byte. Only root may have one.
public final class SmallDisk implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /// Mounts one at a folder, which is made if it is not there.
    ///
    /// @return empty if this user may not
    public static Optional<SmallDisk> mount(Path folder, int mebibytes) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SmallDisk disk = new SmallDisk(folder);
        // Of a run that was ended from outside.
        disk.close();
        Outcome mounted =
                Command.of(
                                disk.above(),
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "size=" + mebibytes + "m",
                                "tmpfs",
                                folder.toString())
                        .run();
        if (mounted.exit() != 0) {
            System.out.println("no file system can be mounted here: " + mounted.err().strip());
            return Optional.empty();
        }
        return Optional.of(disk);
    }

    /// Takes what is left, to the last byte.
    public void fill() {
        try (OutputStream rest =
                Files.newOutputStream(
                        rest(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            byte[] page = new byte[PAGE_BYTES];
            while (true) {
                rest.write(page);
            }
        } catch (IOException full) {
            if (!String.valueOf(full.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(full);
            }
        }
    }

    /// Gives back what [#fill] took.
    public void free() {
        try {
            Files.deleteIfExists(rest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path above() {
        return folder.toAbsolutePath().resolveSibling(".").normalize();
    }

    private Path rest() {
        return folder.resolve("rest");
    }

    @Override
    public void close() {
        Command.of(above(), "umount", folder.toString()).run();
    }
}
