package io.ridgeline.simulation.checker;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.HardState;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What would be left of a node's replicas if the power failed now.
public interface StableLogs {
    /// {@return the promise, or null if nothing of the partition is stable}
    @Nullable HardState stableHardState(PartitionId partition);

    /// {@return the storage id, or null if nothing of the partition is stable}
    @Nullable UUID stableStorageId(PartitionId partition);

    /// {@return the hash over the log up to and with an index; −1 where there is none}
    long stableChainAt(PartitionId partition, long index);

    /// {@return the last index}
    long stableLastIndex(PartitionId partition);
}
