package io.ridgeline.storage.file.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A disk in memory that loses, tears and damages what it was not told to keep, and fails on
/// demand: one generator, no threads, no clock of its own. For one thread at a time.
///
/// What was written and not synced is lost, kept or torn sector by sector at a power cut; a sector
/// is old or new, never a mixture. Names that were not synced with their folder survive as a prefix
/// of their changes. A process that is only killed loses nothing. A failed sync drops what it was
/// to write: it stays visible until the power is cut and no later sync brings it to the disk.
public final class SimulatedDisk implements Disk {
    /// The unit that is written whole or not at all.
    public static final int SECTOR_BYTES = 512;

    /// What happens at an operation that changes the disk.
    public enum Fault {
        /// The power goes, in the middle of a write. All calls fail until [#restart].
        POWER_LOSS,
        /// The process is killed, in the middle of a write. All calls fail until [#restart].
        KILL,
        /// The operation fails; a write may have been done in part.
        ERROR,
        /// A write is done in part and fails for lack of space; others fail as with [#ERROR].
        FULL
    }

    /// Unwinds the stack after the power or the process has gone: nothing catches it but a test.
    public static final class Gone extends Error {
        private static final long serialVersionUID = 1L;

        Gone(String message) {
            super(message);
        }
    }

    private static final class Write {
        final long offset;
        final byte[] bytes;
        final long truncateTo;

        Write(long offset, byte[] bytes, long truncateTo) {
            this.offset = offset;
            this.bytes = bytes;
            this.truncateTo = truncateTo;
        }
    }

    private static final class Inode {
        byte[] bytes = new byte[0];
        byte[] durable = new byte[0];
        final List<Write> unsynced = new ArrayList<>();
    }

    private record NameChange(String path, @Nullable Inode inode) {}

    private final RandomGenerator random;
    private Map<String, Inode> files = new TreeMap<>();
    private Map<String, Inode> durableFiles = new TreeMap<>();
    private final TreeSet<String> folders = new TreeSet<>();
    private final Map<String, List<NameChange>> unsyncedNames = new HashMap<>();
    private final TreeSet<String> locks = new TreeSet<>();
    private long capacityBytes = Long.MAX_VALUE;
    private long nanos;
    private long operations;
    private long faultAt = -1;
    private Fault fault = Fault.ERROR;
    private boolean gone;
    private int generation;

    /// An empty disk.
    ///
    /// @param random decides what survives a power cut and how far a failing write got
    public SimulatedDisk(RandomGenerator random) {
        this.random = random;
        folders.add("");
    }

    /// Lets an operation that changes the disk fail.
    ///
    /// @param operation its number, as [#operations] counts
    public void failAt(long operation, Fault fault) {
        this.faultAt = operation;
        this.fault = fault;
    }

    /// {@return how many operations changed the disk so far: writes, syncs, cuts, new names}
    public long operations() {
        return operations;
    }

    /// Sets how much fits on the disk.
    public void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /// {@return the bytes that files take}
    public long usedBytes() {
        long used = 0;
        for (Inode inode : files.values()) {
            used += inode.bytes.length;
        }
        return used;
    }

    /// Moves the clock.
    public void advance(long nanos) {
        this.nanos += nanos;
    }

    /// Damages a byte where it lies.
    ///
    /// @return whether the file is that long
    public boolean flip(String path, long offset, int mask) {
        Inode inode = files.get(path);
        if (inode == null || offset >= inode.bytes.length) {
            return false;
        }
        inode.bytes[(int) offset] ^= (byte) mask;
        if (offset < inode.durable.length) {
            inode.durable[(int) offset] ^= (byte) mask;
        }
        return true;
    }

    /// {@return the length of a file, or −1}
    public long length(String path) {
        Inode inode = files.get(path);
        return inode == null ? -1 : inode.bytes.length;
    }

    /// {@return all files, sorted}
    public List<String> paths() {
        return List.copyOf(files.keySet());
    }

    /// {@return a copy of a file's bytes as a process sees them}
    public byte[] bytes(String path) {
        Inode inode = files.get(path);
        return inode == null ? new byte[0] : inode.bytes.clone();
    }

    /// Ends the process: locks and open files are gone, what was written stays.
    public void kill() {
        gone = true;
        locks.clear();
        generation++;
    }

    /// Cuts the power: what was not synced may be lost, in any part.
    public void cutPower() {
        kill();
        Map<String, Inode> survivors = new TreeMap<>(durableFiles);
        for (List<NameChange> changes : unsyncedNames.values()) {
            int kept = random.nextInt(changes.size() + 1);
            for (NameChange change : changes.subList(0, kept)) {
                if (change.inode == null) {
                    survivors.remove(change.path);
                } else {
                    survivors.put(change.path, change.inode);
                }
            }
        }
        for (Inode inode : new ArrayList<>(survivors.values())) {
            for (Write write : inode.unsynced) {
                inode.durable = survives(inode.durable, write);
            }
            inode.unsynced.clear();
            inode.bytes = inode.durable.clone();
        }
        files = survivors;
        durableFiles = new TreeMap<>(survivors);
        unsyncedNames.clear();
    }

    private byte[] survives(byte[] before, Write write) {
        if (write.truncateTo >= 0) {
            return random.nextBoolean() ? Arrays.copyOf(before, (int) write.truncateTo) : before;
        }
        int mode = random.nextInt(4);
        byte[] after = before;
        int at = 0;
        while (at < write.bytes.length) {
            long from = write.offset + at;
            int length =
                    (int) Math.min(SECTOR_BYTES - from % SECTOR_BYTES, write.bytes.length - at);
            boolean kept = mode == 0 || (mode > 1 && random.nextBoolean());
            if (kept) {
                after = overwritten(after, from, write.bytes, at, length);
            }
            at += length;
        }
        return after;
    }

    private static byte[] overwritten(
            byte[] before, long offset, byte[] source, int from, int length) {
        byte[] after = before;
        if (offset + length > before.length) {
            after = Arrays.copyOf(before, Math.toIntExact(offset + length));
        }
        System.arraycopy(source, from, after, Math.toIntExact(offset), length);
        return after;
    }

    /// Lets a new process use the disk after [#kill], [#cutPower] or a fault.
    public void restart() {
        if (!gone) {
            kill();
        }
        gone = false;
        faultAt = -1;
    }

    private void alive() {
        if (gone) {
            throw new Gone("the process is gone");
        }
    }

    /// Counts a change and lets it fail if it is due.
    ///
    /// @return whether a partial write is to be done before `thrown`
    private boolean due() {
        alive();
        return operations++ == faultAt;
    }

    private IOException thrown(String path) {
        return switch (fault) {
            case POWER_LOSS -> {
                cutPower();
                throw new Gone("power cut at operation " + (operations - 1) + ", " + path);
            }
            case KILL -> {
                kill();
                throw new Gone("killed at operation " + (operations - 1) + ", " + path);
            }
            case ERROR -> new IOException("simulated error, " + path);
            case FULL -> new FullException("simulated full disk, " + path);
        };
    }

    private void change(String path) throws IOException {
        if (due()) {
            throw thrown(path);
        }
    }

    private static String folderOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private void named(String path, @Nullable Inode inode) {
        unsyncedNames
                .computeIfAbsent(folderOf(path), _ -> new ArrayList<>())
                .add(new NameChange(path, inode));
    }

    @Override
    public DiskFile open(String path, boolean create) throws IOException {
        alive();
        Inode inode = files.get(path);
        if (inode == null) {
            if (!create) {
                throw new IOException("no file " + path);
            }
            change(path);
            if (usableBytes() == 0) {
                throw new FullException("simulated full disk, no name for " + path);
            }
            inode = new Inode();
            files.put(path, inode);
            named(path, inode);
        }
        return new File(path, inode);
    }

    @Override
    public DiskFile openForReading(String path) throws IOException {
        return open(path, false);
    }

    @Override
    public boolean exists(String path) {
        alive();
        return files.containsKey(path) || folders.contains(path);
    }

    @Override
    public List<String> list(String folder) {
        alive();
        TreeSet<String> names = new TreeSet<>();
        String prefix = folder.isEmpty() ? "" : folder + "/";
        for (String path : files.keySet()) {
            if (path.startsWith(prefix)) {
                String rest = path.substring(prefix.length());
                int slash = rest.indexOf('/');
                names.add(slash < 0 ? rest : rest.substring(0, slash));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public void makeFolder(String path) {
        alive();
        folders.add(path);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(to);
        Inode inode = files.remove(from);
        if (inode == null) {
            throw new IOException("no file " + from);
        }
        files.put(to, inode);
        // Both names change at once; the new one is noted first, so that no prefix loses the file.
        named(to, inode);
        named(from, null);
    }

    @Override
    public void delete(String path) throws IOException {
        if (files.containsKey(path)) {
            change(path);
            files.remove(path);
            named(path, null);
        }
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        change(folder);
        List<NameChange> changes = unsyncedNames.remove(folder);
        if (changes != null) {
            for (NameChange change : changes) {
                if (change.inode == null) {
                    durableFiles.remove(change.path);
                } else {
                    durableFiles.put(change.path, change.inode);
                }
            }
        }
    }

    @Override
    public long usableBytes() {
        alive();
        return Math.max(0, capacityBytes - usedBytes());
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public boolean threads() {
        return false;
    }

    @Override
    public AutoCloseable lock(String path) throws IOException {
        alive();
        if (!locks.add(path)) {
            throw new LockedException("another process");
        }
        return () -> locks.remove(path);
    }

    private final class File implements DiskFile {
        private final String path;
        private final Inode inode;
        private final int opened = generation;

        File(String path, Inode inode) {
            this.path = path;
            this.inode = inode;
        }

        private void check() {
            alive();
            if (opened != generation) {
                throw new Gone("file of an earlier process, " + path);
            }
        }

        @Override
        public long size() {
            check();
            return inode.bytes.length;
        }

        @Override
        public int read(ByteBuffer to, long offset) {
            check();
            int count = Math.clamp(inode.bytes.length - offset, 0, to.remaining());
            to.put(inode.bytes, (int) offset, count);
            return count;
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            check();
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            if (due()) {
                int done = random.nextInt(bytes.length + 1);
                put(Arrays.copyOf(bytes, done), offset);
                throw thrown(path);
            }
            long more = Math.max(0, offset + bytes.length - inode.bytes.length);
            long room = capacityBytes == Long.MAX_VALUE ? more : usableBytes();
            if (more > room) {
                put(Arrays.copyOf(bytes, (int) (bytes.length - more + room)), offset);
                throw new FullException("simulated full disk, " + path);
            }
            put(bytes, offset);
        }

        private void put(byte[] bytes, long offset) {
            inode.bytes = overwritten(inode.bytes, offset, bytes, 0, bytes.length);
            inode.unsynced.add(new Write(offset, bytes, -1));
        }

        @Override
        public void sync() throws IOException {
            check();
            if (due()) {
                if (fault == Fault.ERROR || fault == Fault.FULL) {
                    inode.unsynced.clear();
                }
                throw thrown(path);
            }
            // Only what is known to be unsynced: writes of a failed sync stay lost.
            for (Write write : inode.unsynced) {
                inode.durable =
                        write.truncateTo >= 0
                                ? Arrays.copyOf(inode.durable, (int) write.truncateTo)
                                : overwritten(
                                        inode.durable,
                                        write.offset,
                                        write.bytes,
                                        0,
                                        write.bytes.length);
            }
            inode.unsynced.clear();
        }

        @Override
        public void truncate(long size) throws IOException {
            check();
            change(path);
            if (size < inode.bytes.length) {
                inode.bytes = Arrays.copyOf(inode.bytes, (int) size);
                inode.unsynced.add(new Write(0, new byte[0], size));
            }
        }

        @Override
        public MemorySegment map(Arena arena) {
            check();
            return MemorySegment.ofArray(inode.bytes.clone()).asReadOnly();
        }

        @Override
        public void close() {
            // Nothing to let go of.
        }
    }
}
