package io.ridgeline.simulation.disk;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Hears what happens to disk contents. The checker's only source about replicas: what the engine
/// believes does not count.
public interface DiskObserver {

    /// An entry was appended, in memory or page cache only so far.
    ///
    /// @param chain hash over the log up to and with this entry
    /// @param previousChain hash over the log before it
    void onAppended(int node, PartitionId partition, Entry entry, long previousChain, long chain);

    /// An entry has reached the stable part of the disk.
    ///
    /// @param promisedEpoch the highest epoch that the stable hard state promises at that moment
    void onDurable(
            int node,
            PartitionId partition,
            UUID storageId,
            Entry entry,
            long chain,
            long promisedEpoch);

    /// A hard state has reached the stable part of the disk.
    void onHardState(int node, PartitionId partition, UUID storageId, HardState hardState);

    /// Entries were dropped from the end of a log in memory.
    ///
    /// @param firstDropped the first of them; null if the replica was made blank
    void onTruncated(int node, PartitionId partition, UUID storageId, @Nullable Entry firstDropped);

    /// A log was found that is shorter than its saved watermark, without damage.
    void onShortLog(int node, PartitionId partition, LogPosition watermark, long lastIndex);
}
