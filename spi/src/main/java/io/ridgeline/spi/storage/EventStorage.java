package io.ridgeline.spi.storage;

import java.nio.ByteBuffer;
import java.util.Optional;

/// Keeps the logs of a node. Any thread may call it.
public interface EventStorage extends AutoCloseable {

    /// Opens a bucket, recovering it if the last process did not close it: afterwards its state is
    /// what had been durable, and perhaps more that was written and not synced, all of it synced
    /// now. May take long; blocks.
    ///
    /// @param bucket from 0
    /// @return the same object for the same bucket
    /// @throws StorageException kind `UNKNOWN_VERSION`, or `FAILED`
    LogBucket bucket(int bucket);

    /// {@return what was saved under a name; a small value such as the table from slots to
    /// partitions}
    Optional<ByteBuffer> read(String name);

    /// Saves a small value so that it survives a power cut: the old or the new one, whole. Durable
    /// when it returns; blocks.
    ///
    /// @param name of `a-z`, `0-9` and `-`
    /// @param value at most 1 MiB
    void write(String name, ByteBuffer value);

    /// Closes the buckets and lets others use the data. Idempotent.
    @Override
    void close();
}
