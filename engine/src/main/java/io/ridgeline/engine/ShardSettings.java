package io.ridgeline.engine;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.quorum.QuorumPolicy;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// What a shard is made with.
///
/// @param self this run of this node; its startedAt was saved before anything was sent
/// @param bucket from 0
/// @param clusterId messages of another cluster are refused
/// @param replicas the assignment: every partition of the bucket in the cluster, whether this node
///   has a replica or not. Bootstraps the first configuration entry of a log; afterwards the log
///   decides
/// @param quorum proposes W and T for the first configuration entry
/// @param rules [Rules#ALL] but in the simulator's mutants
public record ShardSettings(
        Run self,
        int bucket,
        UUID clusterId,
        SortedMap<PartitionId, List<NodeId>> replicas,
        QuorumPolicy quorum,
        Limits limits,
        Timings timings,
        ProtocolVersions versions,
        Rules rules) {
    public ShardSettings {
        TreeMap<PartitionId, List<NodeId>> copy = new TreeMap<>();
        replicas.forEach((partition, nodes) -> {
            List<NodeId> sorted = nodes.stream().sorted().distinct().toList();
            if (sorted.isEmpty() || sorted.size() != nodes.size()) {
                throw new IllegalArgumentException(
                        "replicas of partition " + partition + ": " + nodes);
            }
            // Refuses here, at the start, what a policy has no quorum for.
            quorum.quorum(sorted.size());
            copy.put(partition, sorted);
        });
        replicas = Collections.unmodifiableSortedMap(copy);
    }
}
