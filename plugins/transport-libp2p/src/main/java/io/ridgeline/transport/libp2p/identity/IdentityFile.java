package io.ridgeline.transport.libp2p.identity;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// The file that keeps a node's key: a libp2p `PrivateKey` message, as other libp2p tools write it.
///
/// Readable by its owner only, never replaced, and complete or absent: it appears in one step.
public final class IdentityFile {
    private static final int FILE_BYTES_MAX = 1024;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path file;

    public IdentityFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /// {@return where it is}
    public Path path() {
        return file;
    }

    /// {@return whether there is a key}
    public boolean exists() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /// {@return the key in the file}
    ///
    /// @throws NoSuchFileException if there is none
    /// @throws IOException if it is readable by others, or no key
    public IdentityKey load() throws IOException {
        if (!exists()) {
            throw new NoSuchFileException(file.toString());
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + " is not a plain file");
        }
        requireOwnerOnly();
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is not an identity: larger than " + FILE_BYTES_MAX);
        }
        try {
            return IdentityKey.decode(Files.readAllBytes(file));
        } catch (MalformedException e) {
            throw new IOException(file + " is not an identity: " + e.getMessage(), e);
        }
    }

    private void requireOwnerOnly() throws IOException {
        if (!posix()) {
            return;
        }
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(found)) {
            throw new IOException(
                    file
                            + " has permissions "
                            + PosixFilePermissions.toString(found)
                            + ": whoever reads it can be this node; expected rw-------");
        }
    }

    private boolean posix() {
        return Files.getFileAttributeView(folder(), PosixFileAttributeView.class) != null;
    }

    private Path folder() {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " is no file");
        }
        return folder;
    }

    /// Makes a new key and the file for it.
    ///
    /// @throws FileAlreadyExistsException if there is one: a node's name is kept for its life
    public IdentityKey create() throws IOException {
        IdentityKey key = IdentityKey.generate();
        Files.createDirectories(folder());
        FileAttribute<?>[] attributes =
                posix()
                        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                        : new FileAttribute<?>[0];
        Path temporary = Files.createTempFile(folder(), ".identity", ".tmp", attributes);
        try {
            write(temporary, key.encode());
            // A link, unlike a move, refuses to replace what another process made meanwhile.
            Files.createLink(file, temporary);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncFolder();
        return key;
    }

    /// {@return the key in the file; makes one if there is none}
    public IdentityKey loadOrCreate() throws IOException {
        try {
            return exists() ? load() : create();
        } catch (FileAlreadyExistsException e) {
            return load();
        }
    }

    private static void write(Path to, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    private void syncFolder() throws IOException {
        if (posix()) {
            try (FileChannel channel = FileChannel.open(folder(), StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
