package io.ridgeline.simulation.disk;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.HardState;
import java.util.UUID;

/// Something that is in the page cache and not yet on the stable part of the disk.
sealed interface DiskWrite {
    PartitionId partition();

    record Create(PartitionId partition, UUID storageId) implements DiskWrite {}

    record Append(PartitionId partition, Entry entry, long chain) implements DiskWrite {}

    record Truncate(PartitionId partition, long lastIndex) implements DiskWrite {}

    record Save(PartitionId partition, HardState hardState) implements DiskWrite {}

    /// A blank replica: a new storage id and an empty log.
    record Format(PartitionId partition, UUID storageId) implements DiskWrite {}
}
