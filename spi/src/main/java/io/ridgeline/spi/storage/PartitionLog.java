package io.ridgeline.spi.storage;

import io.ridgeline.spi.event.StreamKey;
import java.util.Optional;
import java.util.UUID;

/// The log of one partition on this node. One thread, the bucket's owner, calls everything here;
/// [#reader] is for all. What is appended, cut or saved is visible at once and durable after the
/// bucket's next [LogBucket#sync].
///
/// After a failed append or sync the whole bucket is stopped: every writing call throws
/// [StorageException] of kind `CLOSED`, reads go on.
public interface PartitionLog {

    /// {@return where the log stands; cheap}
    LogState state();

    /// Appends an entry behind the last one.
    ///
    /// @param entry its index is one more than the last one's, its epoch not lower, its first
    ///   sequence, if it has events, the next one
    /// @throws IllegalArgumentException if it does not follow
    /// @throws StorageException kind `FULL`: nothing happened; `TOO_LARGE`: nothing happened;
    ///   `FAILED`
    void append(Entry entry);

    /// Drops all entries behind an index, with what was indexed of them. What was durable of them
    /// does not come back, whenever the process ends, once a later sync has succeeded.
    ///
    /// @param lastIndex the last index to keep, not below the watermark
    /// @throws IllegalArgumentException if it is below the watermark
    void truncateAfter(long lastIndex);

    /// Replaces the hard state. Durable, so that it is never forgotten and no older one is ever
    /// taken for it, once the bucket's next sync has succeeded.
    void saveHardState(HardState hardState);

    /// Notes that entries up to a position are confirmed. Saved lazily, and never above what is
    /// durable. A lower one than before is ignored.
    ///
    /// @param watermark names an entry of this log
    void confirm(LogPosition watermark);

    /// Makes the replica blank: a new storage id, nothing in its log, no promise. Durable with the
    /// next sync.
    void format();

    /// Puts back an entry whose place was damaged. The storage checks that it fits what it knows of
    /// the place.
    ///
    /// @param entry confirmed elsewhere at that index
    /// @return whether the place was damaged, and is not any more
    boolean repair(Entry entry);

    /// {@return the epoch of the entry at an index; 0 at index 0, −1 where there is none}
    long epochAt(long index);

    /// {@return the last entry of kind [EntryKind#CONFIGURATION] at or before an index}
    Optional<Entry> configuration(long lastIndex);

    /// {@return the version of the last event of a stream, the unconfirmed tail included; −1
    /// without events}
    long lastVersion(StreamKey stream);

    /// {@return the event of an id under a partition key, the unconfirmed tail included}
    Optional<EventLocation> find(String partitionKey, UUID id);

    /// {@return the queries for any thread}
    LogReader reader();
}
