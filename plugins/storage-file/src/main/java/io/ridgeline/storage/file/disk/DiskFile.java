package io.ridgeline.storage.file.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// An open file. Any thread may read; one at a time writes.
public interface DiskFile extends AutoCloseable {

    /// {@return the length in bytes}
    long size() throws IOException;

    /// Reads until the buffer is full or the file ends, and moves the buffer's position.
    ///
    /// @return how many bytes were read
    int read(ByteBuffer to, long offset) throws IOException;

    /// Writes all that remains in the buffer. After a failure any part of it may have been written.
    ///
    /// @throws Disk.FullException if there is no space
    void write(ByteBuffer from, long offset) throws IOException;

    /// Makes the file's bytes and length survive a power cut.
    void sync() throws IOException;

    /// Cuts the file.
    void truncate(long size) throws IOException;

    /// Maps the whole file for reading.
    ///
    /// @param arena ends the mapping
    MemorySegment map(Arena arena) throws IOException;

    @Override
    void close();
}
