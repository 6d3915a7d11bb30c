package io.ridgeline.storage.file;

import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Small files that are read and replaced as a whole: magic, version, length, checksum, content.
final class Files {
    private static final int MAGIC = 0x52_4C_46_31;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 16;

    /// Files are longer than their content by this, so that it can grow on a full disk.
    private static final int SLACK_BYTES = 2048;

    private static final int PAGE_BYTES = 4096;

    private Files() {}

    /// Replaces a file, so that the old or the new one is there after a power cut. Durable when it
    /// returns.
    static void replace(Disk disk, String folder, String name, ByteBuffer content)
            throws IOException {
        String path = folder.isEmpty() ? name : folder + "/" + name;
        String temporary = path + ".new";
        boolean done = false;
        try {
            write(disk, temporary, content);
            disk.rename(temporary, path);
            disk.syncFolder(folder);
            done = true;
        } finally {
            if (!done) {
                discard(disk, temporary);
            }
        }
    }

    /// Removes what a failed write left; whether that works changes nothing.
    static void discard(Disk disk, String path) {
        try {
            disk.delete(path);
        } catch (IOException e) {
            // It will be removed at the next start.
        }
    }

    private static void write(Disk disk, String path, ByteBuffer content) throws IOException {
        try (DiskFile file = disk.open(path, true)) {
            file.truncate(0);
            write(file, content);
        }
    }

    /// Overwrites a file in place, which needs no space unless the content has grown a lot, or
    /// makes it. A power cut may tear it. Durable when it returns.
    static void overwrite(Disk disk, String folder, String name, ByteBuffer content)
            throws IOException {
        String path = folder + "/" + name;
        if (!disk.exists(path)) {
            replace(disk, folder, name, content);
            return;
        }
        try (DiskFile file = disk.open(path, false)) {
            write(file, content);
        }
    }

    private static void write(DiskFile file, ByteBuffer content) throws IOException {
        ByteBuffer framed = framed(content);
        extend(file, framed.remaining());
        file.write(framed, 0);
        file.sync();
    }

    private static void extend(DiskFile file, int bytes) throws IOException {
        long size = file.size();
        int wanted = bytes + SLACK_BYTES + PAGE_BYTES - 1 & -PAGE_BYTES;
        if (size < wanted) {
            try {
                file.write(ByteBuffer.allocate((int) (wanted - size)), size);
            } catch (Disk.FullException e) {
                if (file.size() < bytes) {
                    throw e;
                }
            }
        }
    }

    private static ByteBuffer framed(ByteBuffer content) {
        ByteBuffer framed = ByteBuffer.allocate(HEADER_BYTES + content.remaining());
        framed.putInt(MAGIC).putInt(VERSION).putInt(content.remaining()).putInt(0);
        framed.put(content.duplicate()).flip();
        framed.putInt(12, checksum(framed));
        return framed;
    }

    private static int checksum(ByteBuffer framed) {
        CRC32C crc = new CRC32C();
        crc.update(framed.slice(0, HEADER_BYTES - Integer.BYTES));
        crc.update(framed.slice(HEADER_BYTES, framed.limit() - HEADER_BYTES));
        return (int) crc.getValue();
    }

    /// {@return the content, or null if there is no such file or it is damaged}
    ///
    /// @throws StorageException kind `UNKNOWN_VERSION`
    static @Nullable ByteBuffer read(Disk disk, String path) throws IOException {
        if (!disk.exists(path)) {
            return null;
        }
        ByteBuffer framed;
        try (DiskFile file = disk.openForReading(path)) {
            framed = ByteBuffer.allocate((int) Math.min(file.size(), 1 << 30));
            file.read(framed, 0);
            framed.flip();
        }
        if (framed.limit() < HEADER_BYTES || framed.getInt(0) != MAGIC) {
            return null;
        }
        int length = framed.getInt(8);
        if (length < 0 || length > framed.limit() - HEADER_BYTES) {
            return null;
        }
        framed.limit(HEADER_BYTES + length);
        if (framed.getInt(12) != checksum(framed)) {
            return null;
        }
        if (framed.getInt(4) != VERSION) {
            throw new StorageException(
                    StorageException.Kind.UNKNOWN_VERSION,
                    path + " has version " + framed.getInt(4) + ", known is " + VERSION);
        }
        return framed.slice(HEADER_BYTES, length);
    }
}
