package io.ridgeline.storage.file;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.storage.StorageException.Kind;
import io.ridgeline.spi.storage.VerificationReport;
import io.ridgeline.storage.file.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The storage of a node on a disk.
public final class FileStorage implements EventStorage {
    static final String LOCK = "lock";
    static final String VALUES = "values";
    static final String FORMAT = "format";

    /// Raised when an older version could not read what this one writes.
    static final int FORMAT_VERSION = 2;

    private static final int VALUE_BYTES_MAX = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

    private final Disk disk;
    private final StorageOptions options;
    private final NodeId self;
    private final Supplier<UUID> storageIds;
    private final AutoCloseable lock;
    private final Map<Integer, Bucket> buckets = new TreeMap<>();
    private boolean closed;

    private FileStorage(
            Disk disk,
            StorageOptions options,
            NodeId self,
            Supplier<UUID> storageIds,
            AutoCloseable lock) {
        this.disk = disk;
        this.options = options;
        this.self = self;
        this.storageIds = storageIds;
        this.lock = lock;
    }

    /// Opens the storage of a disk, making it if the disk is empty.
    ///
    /// @param storageIds where storage ids come from; random, in production
    /// @throws StorageException kind `IN_USE`, `UNKNOWN_VERSION`, or `FAILED`
    public static FileStorage open(
            Disk disk, StorageOptions options, NodeId self, Supplier<UUID> storageIds) {
        AutoCloseable lock = locked(disk);
        boolean opened = false;
        try {
            checkFormat(disk, true);
            disk.makeFolder(VALUES);
            disk.syncFolder("");
            opened = true;
            return new FileStorage(disk, options, self, storageIds, lock);
        } catch (IOException e) {
            throw failed("cannot open the storage", e);
        } finally {
            if (!opened) {
                unlock(lock);
            }
        }
    }

    /// Checks a disk that nobody uses, and changes nothing.
    ///
    /// @throws StorageException kind `IN_USE`, `UNKNOWN_VERSION`, or `FAILED`
    public static VerificationReport verify(Disk disk) {
        return Verifier.verify(disk);
    }

    static AutoCloseable locked(Disk disk) {
        try {
            return disk.lock(LOCK);
        } catch (Disk.LockedException e) {
            throw new StorageException(
                    Kind.IN_USE,
                    "the data is in use by " + e.owner() + "; stop that process first",
                    e);
        } catch (IOException e) {
            throw failed("cannot lock the storage", e);
        }
    }

    static void unlock(AutoCloseable lock) {
        try {
            lock.close();
        } catch (Exception e) {
            throw new StorageException(Kind.FAILED, "cannot unlock the storage", e);
        }
    }

    static StorageException failed(String what, IOException e) {
        Kind kind = e instanceof Disk.FullException ? Kind.FULL : Kind.FAILED;
        return new StorageException(kind, what + ": " + e.getMessage(), e);
    }

    /// Checks the version of everything below the storage's folder.
    static void checkFormat(Disk disk, boolean make) throws IOException {
        @Nullable ByteBuffer format = Files.read(disk, FORMAT);
        if (format == null) {
            if (disk.exists(FORMAT) || !disk.list(VALUES).isEmpty()) {
                throw new StorageException(
                        Kind.UNKNOWN_VERSION, "the file " + FORMAT + " cannot be read");
            }
            if (make) {
                ByteBuffer version = ByteBuffer.allocate(4).putInt(0, FORMAT_VERSION);
                Files.replace(disk, "", FORMAT, version);
            }
            return;
        }
        if (format.getInt(0) != FORMAT_VERSION) {
            throw new StorageException(
                    Kind.UNKNOWN_VERSION,
                    "the data has format version %d, known is %d"
                            .formatted(format.getInt(0), FORMAT_VERSION));
        }
    }

    @Override
    public synchronized LogBucket bucket(int bucket) {
        checkOpen();
        if (bucket < 0) {
            throw new IllegalArgumentException("bucket " + bucket);
        }
        Bucket known = buckets.get(bucket);
        if (known == null) {
            try {
                known = Recovery.open(disk, "bucket-" + bucket, options, self, storageIds);
            } catch (IOException e) {
                throw failed("cannot open bucket " + bucket, e);
            }
            buckets.put(bucket, known);
        }
        return known;
    }

    private void checkOpen() {
        if (closed) {
            throw new StorageException(Kind.CLOSED, "the storage is closed");
        }
    }

    private static String path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name \"" + name + "\" is not 1 to 64 of a-z 0-9 -");
        }
        return VALUES + "/" + name;
    }

    @Override
    public synchronized Optional<ByteBuffer> read(String name) {
        checkOpen();
        String path = path(name);
        try {
            Twin file = Twin.read(disk, VALUES, name);
            if (file.isLost()) {
                throw new StorageException(
                        Kind.DAMAGED, "the file " + path + " is not what was written");
            }
            @Nullable ByteBuffer value = file.content();
            if (value != null && !file.isWhole()) {
                // What is seen once must not be lost with the only copy that has it.
                file.write(value);
            }
            return Optional.ofNullable(value);
        } catch (IOException e) {
            throw failed("cannot read " + path, e);
        }
    }

    @Override
    public synchronized void write(String name, ByteBuffer value) {
        checkOpen();
        String path = path(name);
        if (value.remaining() > VALUE_BYTES_MAX) {
            throw new StorageException(
                    Kind.TOO_LARGE,
                    path + ": " + value.remaining() + " bytes, most is " + VALUE_BYTES_MAX);
        }
        try {
            Twin.read(disk, VALUES, name).write(value);
        } catch (IOException e) {
            throw failed("cannot write " + path, e);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            buckets.values().forEach(Bucket::close);
            unlock(lock);
        }
    }
}
