package io.ridgeline.storage.file;

import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A small value in two files. A change overwrites them in place, one after the other and the older
/// one first, so that a good copy is always the newest that counted, and that a change takes no
/// space: on a full disk, too. One thread at a time uses it.
final class Twin {
    /// What the second file is called after the first.
    static final String COPY = ".copy";

    private final Disk disk;
    private final String folder;
    private final String[] names;
    private final long[] changes = new long[2];
    private final boolean[] isLost = new boolean[2];
    private int newest = -1;
    private long lastChange;
    private @Nullable ByteBuffer content;

    private Twin(Disk disk, String folder, String name) {
        this.disk = disk;
        this.folder = folder;
        this.names = new String[] {name, name + COPY};
    }

    /// Reads both files.
    static Twin read(Disk disk, String folder, String name) throws IOException {
        Twin twin = new Twin(disk, folder, name);
        for (int i = 0; i < 2; i++) {
            twin.readCopy(i);
        }
        return twin;
    }

    private void readCopy(int i) throws IOException {
        String path = folder + "/" + names[i];
        @Nullable ByteBuffer found = Files.read(disk, path);
        if (found == null) {
            isLost[i] = disk.exists(path);
            return;
        }
        changes[i] = found.getLong();
        if (changes[i] > lastChange) {
            lastChange = changes[i];
            newest = i;
            content = found.slice();
        }
    }

    /// {@return the value; null if there is none that can be read}
    @Nullable ByteBuffer content() {
        return content == null ? null : content.duplicate();
    }

    /// {@return whether there was a value that cannot be read}
    boolean isLost() {
        return content == null && (isLost[0] || isLost[1]);
    }

    /// {@return whether both copies are there and say the same}
    boolean isWhole() {
        return content != null && changes[0] == changes[1];
    }

    /// Changes the value. Durable when it returns; after a failure the old value or the new one is
    /// there.
    void write(ByteBuffer value) throws IOException {
        ByteBuffer next = ByteBuffer.allocate(Long.BYTES + value.remaining());
        next.putLong(++lastChange).put(value.duplicate()).flip();
        int first = newest == 0 ? 1 : 0;
        write(first, next);
        newest = first;
        content = next.slice(Long.BYTES, next.limit() - Long.BYTES);
        write(1 - first, next);
    }

    private void write(int i, ByteBuffer next) throws IOException {
        Files.overwrite(disk, folder, names[i], next);
        changes[i] = lastChange;
        isLost[i] = false;
    }
}
