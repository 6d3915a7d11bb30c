package io.ridgeline.spi.storage;

import io.ridgeline.spi.event.StreamKey;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads a partition's log. Any thread may call it, while the writer appends; calls may block on
/// the disk. All queries see appended entries, synced or not, up to the bound that the caller
/// gives: a caller who serves readers passes the watermark's index. Entries between two calls stay
/// where they are unless they are truncated, which never happens at or below a watermark.
///
/// Every entry that is returned has the checksum that it was written with, verified at this read if
/// it came from disk. An entry that does not is never returned: the query throws [StorageException]
/// of kind `DAMAGED`. The number of disk reads of a query is bounded, however long the log is.
public interface LogReader {

    /// Entries in log order from an index on.
    ///
    /// @param firstIndex from 1
    /// @param lastIndex bound, inclusive
    /// @param bytesMax stop once that many bytes are gathered; at least one entry is returned if
    ///   there is one
    /// @return consecutive entries; empty if there is none at `firstIndex` within the bound
    List<Entry> entries(long firstIndex, long lastIndex, int bytesMax);

    /// The transactions that hold the events of a partition from a sequence on, forward or
    /// backward. Entries without events are left out.
    ///
    /// @param sequence where to begin: the first entry holds it; forward, beyond the end, and
    ///   backward, below 0, nothing is returned; backward beyond the end begins at the end
    /// @param lastIndex bound, inclusive
    /// @param bytesMax as in [#entries]
    List<Entry> transactions(long sequence, Direction direction, long lastIndex, int bytesMax);

    /// The transactions that hold the events of a stream from a version on, forward or backward. An
    /// entry may hold events of other streams, too.
    ///
    /// @param version where to begin, as `sequence` in [#transactions]
    /// @param lastIndex bound, inclusive
    /// @param bytesMax as in [#entries]
    List<Entry> stream(
            StreamKey stream, long version, Direction direction, long lastIndex, int bytesMax);

    /// The event of an id under a partition key.
    ///
    /// @param lastIndex bound, inclusive
    Optional<EventLocation> event(String partitionKey, UUID id, long lastIndex);

    /// The event of an id under whatever partition key; of several, any.
    ///
    /// @param lastIndex bound, inclusive
    Optional<EventLocation> event(UUID id, long lastIndex);
}
