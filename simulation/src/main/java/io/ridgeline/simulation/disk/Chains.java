package io.ridgeline.simulation.disk;

import io.ridgeline.spi.PartitionId;

/// Compares whole logs by one number.
public interface Chains {
    /// {@return the hash over a partition's log up to and with an index; 0 at index 0, −1 where
    /// there is none}
    long chainAt(PartitionId partition, long index);
}
