package io.ridgeline.engine.message;

import io.ridgeline.spi.PartitionId;
import java.util.UUID;

/// What every message about a partition begins with.
///
/// @param history of the sender; only a last-resort repair raises it
/// @param epoch as each message says
/// @param storageId the sender's, of this partition
public record Header(PartitionId partition, int history, long epoch, UUID storageId) {}
