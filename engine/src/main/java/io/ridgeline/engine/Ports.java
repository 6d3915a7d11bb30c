package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;

/// What a [Shard] acts through. Called on the shard's thread; no call blocks, throws, or calls the
/// shard.
public interface Ports {

    /// Hands a message over, at most once, in order per peer and lane.
    ///
    /// @return `false` if it was certainly dropped
    boolean send(NodeId to, Lane lane, ByteBuffer message);

    /// Watermark, coordinator, epoch or role of a partition moved; at most once per partition and
    /// turn.
    void published(PartitionId partition, Published state);

    /// Something that logs, metrics or the simulator's coverage may want to know.
    void record(EngineEvent event);
}
