package io.ridgeline.storage.file.disk;

import java.io.IOException;
import java.util.List;

/// All that the storage asks of a disk. Paths are relative to the storage's folder, with `/`
/// between names. What a call changed survives a power cut only as [DiskFile#sync] and
/// [#syncFolder] say.
public interface Disk {

    /// Opens a file for reading and writing.
    ///
    /// @param create whether to make an empty one if there is none
    DiskFile open(String path, boolean create) throws IOException;

    /// Opens a file that exists, for reading.
    DiskFile openForReading(String path) throws IOException;

    /// {@return whether there is a file or folder}
    boolean exists(String path);

    /// {@return the names in a folder, sorted; none if there is no such folder}
    List<String> list(String folder) throws IOException;

    /// Makes a folder, and those above it, unless they exist.
    void makeFolder(String path) throws IOException;

    /// Gives a file another name, replacing what had it.
    void rename(String from, String to) throws IOException;

    /// Removes a file if there is one.
    void delete(String path) throws IOException;

    /// Makes names that were made, changed or removed in a folder survive a power cut.
    void syncFolder(String folder) throws IOException;

    /// {@return the bytes that can still be written}
    long usableBytes() throws IOException;

    /// {@return a clock for pacing retries and lazy work, with no fixed origin}
    long nanoTime();

    /// {@return whether slow work may be done on a thread of its own; if not, all of it is done by
    /// the bucket's owner in `maintain`}
    boolean threads();

    /// Keeps other processes away until the lock is closed.
    ///
    /// @throws LockedException if another has it
    AutoCloseable lock(String path) throws IOException;

    /// The lock is held by somebody else.
    final class LockedException extends IOException {
        private static final long serialVersionUID = 1L;
        private final String owner;

        /// @param owner the process that holds the lock, for the operator
        public LockedException(String owner) {
            super("locked by " + owner);
            this.owner = owner;
        }

        /// {@return the process that holds the lock, for the operator}
        public String owner() {
            return owner;
        }
    }

    /// There is no space for what was to be written. Some of it may have been.
    final class FullException extends IOException {
        private static final long serialVersionUID = 1L;

        /// @param message says which file
        public FullException(String message) {
            super(message);
        }
    }
}
