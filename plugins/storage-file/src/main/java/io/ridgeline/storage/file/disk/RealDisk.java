package io.ridgeline.storage.file.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Files below a folder of the machine.
public final class RealDisk implements Disk {
    /// Locks of this process. Closing any channel of a locked file gives the lock away on POSIX
    /// systems, so a second attempt must not even open it.
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Path root;

    /// @param root the folder of the storage; made if there is none
    public RealDisk(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root);
    }

    @Override
    public DiskFile open(String path, boolean create) throws IOException {
        return create
                ? new RealFile(
                        root.resolve(path),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)
                : new RealFile(
                        root.resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public DiskFile openForReading(String path) throws IOException {
        return new RealFile(root.resolve(path), StandardOpenOption.READ);
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    @Override
    public List<String> list(String folder) throws IOException {
        Path path = root.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(path)) {
            return names.map(name -> String.valueOf(name.getFileName())).sorted().toList();
        }
    }

    @Override
    public void makeFolder(String path) throws IOException {
        Files.createDirectories(root.resolve(path));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(root.resolve(path));
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        try (FileChannel channel =
                FileChannel.open(root.resolve(folder), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public boolean threads() {
        return true;
    }

    @Override
    public AutoCloseable lock(String path) throws IOException {
        Path key = root.toRealPath().resolve(path);
        if (!LOCKED.add(key)) {
            throw new LockedException("this process, pid " + ProcessHandle.current().pid());
        }
        boolean locked = false;
        try {
            FileChannel channel = locked(key);
            locked = true;
            return () -> {
                channel.close();
                LOCKED.remove(key);
            };
        } finally {
            if (!locked) {
                LOCKED.remove(key);
            }
        }
    }

    private static FileChannel locked(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE);
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                ByteBuffer owner = ByteBuffer.allocate(32);
                channel.read(owner, 0);
                String pid = new String(owner.array(), 0, owner.position(), StandardCharsets.UTF_8);
                throw new LockedException("process " + pid.trim());
            }
            // In place and always as long: it must work on a full disk.
            String pid = "%-20d\n".formatted(ProcessHandle.current().pid());
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static IOException translated(IOException e, Path path) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        // The JDK tells a full disk from a broken one by the system's words only.
        if (message.contains("no space left") || message.contains("quota exceeded")) {
            return new FullException(path + ": " + e.getMessage());
        }
        return e;
    }

    private static final class RealFile implements DiskFile {
        private final Path path;
        private final OpenOption[] options;
        private volatile FileChannel channel;
        private volatile boolean closed;

        RealFile(Path path, OpenOption... options) throws IOException {
            this.path = path;
            this.options = options;
            this.channel = FileChannel.open(path, options);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer to, long offset) throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                int start = to.position();
                while (to.hasRemaining()) {
                    FileChannel current = channel;
                    try {
                        if (current.read(to, offset + to.position() - start) < 0) {
                            break;
                        }
                    } catch (ClosedByInterruptException e) {
                        // An interrupt of one reader must not close the file for all others.
                        interrupted |= Thread.interrupted();
                        reopen(current);
                    } catch (ClosedChannelException e) {
                        reopen(current);
                    }
                }
                return to.position() - start;
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @SuppressWarnings("ReferenceEquality") // whether another thread has reopened it meanwhile
        private synchronized void reopen(FileChannel broken) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (channel == broken) {
                channel = FileChannel.open(path, options);
            }
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                long at = offset;
                while (from.hasRemaining()) {
                    at += channel.write(from, at);
                }
            } catch (IOException e) {
                throw translated(e, path);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void sync() throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                channel.force(false);
            } catch (IOException e) {
                throw translated(e, path);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public MemorySegment map(Arena arena) throws IOException {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }

        @Override
        public synchronized void close() {
            closed = true;
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
