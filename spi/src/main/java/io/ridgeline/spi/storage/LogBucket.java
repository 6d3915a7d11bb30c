package io.ridgeline.spi.storage;

import io.ridgeline.spi.PartitionId;
import java.util.SortedSet;

/// Partitions that share files, a writer and an fsync. One thread, its owner, calls everything
/// here.
public interface LogBucket extends AutoCloseable {

    /// {@return the partitions that have data here}
    SortedSet<PartitionId> partitions();

    /// Opens the log of a partition, or makes an empty one with a new storage id.
    ///
    /// @return the same object for the same partition
    PartitionLog open(PartitionId partition);

    /// {@return whether something was appended, cut or saved since the last sync}
    boolean isDirty();

    /// Makes everything so far, of all partitions of the bucket, survive a power cut, with one
    /// write and one fsync if the storage can. Blocks. Afterwards each log's `state().durable()` is
    /// its `last()`.
    ///
    /// @throws StorageException kind `FAILED` if the disk's answer was not a clear yes, after which
    ///   this bucket accepts nothing more
    void sync();

    /// Work that can wait, such as saving watermarks, sealing, merging indexes or freeing space.
    /// Called by the owner when it has nothing else to do, and now and then under load; a call
    /// takes a few milliseconds at most.
    ///
    /// @return whether there is more to do. Once there is not, and until something is written
    ///   again, the next start finds damage even of the newest entry, and does not take it for a
    ///   write that a power cut tore
    boolean maintain();

    /// {@return how many bytes of entries clients may still have appended; what is needed for hard
    /// states and epoch starts is kept apart. Grows again by itself once there is space}
    long clientBytesFree();

    /// Saves what is saved lazily and lets go of the files. Does not sync what was not synced.
    /// Idempotent.
    @Override
    void close();
}
