package io.ridgeline.runtime.node;

import io.ridgeline.runtime.cluster.ClusterRecord;
import io.ridgeline.runtime.cluster.Peers;
import io.ridgeline.runtime.cluster.RemoteBounds;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Transport;
import java.util.List;

/// What exists while a node runs.
record RunningNode(
        Run run,
        ClusterRecord cluster,
        EventStorage storage,
        Topology topology,
        Transport transport,
        Peers peers,
        PeerInbox inbox,
        RemoteBounds bounds,
        List<ShardLoop> loops,
        PartitionTable partitions) {}
