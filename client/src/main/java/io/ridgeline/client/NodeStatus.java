package io.ridgeline.client;

import io.ridgeline.api.v1.GetStatusResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A node as it sees itself and the others.
///
/// @param node the name of the answering node
/// @param cluster the cluster that it belongs to
/// @param version the version of its software
/// @param ready whether it is ready to serve
/// @param partitions sorted by partition
/// @param members sorted by name; the answering node included
public record NodeStatus(
        String node,
        String cluster,
        String version,
        boolean ready,
        List<Partition> partitions,
        List<Member> members) {

    /// Copies the lists.
    public NodeStatus {
        partitions = List.copyOf(partitions);
        members = List.copyOf(members);
    }

    /// A partition as the answering node sees it.
    ///
    /// @param partition its number
    /// @param coordinator the node that coordinates it; empty if none is known
    /// @param epoch of that coordinator
    /// @param watermark the sequence of the last confirmed event; -1 without events
    /// @param replicas the nodes that hold its log, sorted
    /// @param role what the answering node is in it
    /// @param unconfirmedEntries that the answering node holds beyond the watermark
    public record Partition(
            int partition,
            String coordinator,
            long epoch,
            long watermark,
            List<String> replicas,
            String role,
            long unconfirmedEntries) {
        /// Copies the list.
        public Partition {
            replicas = List.copyOf(replicas);
        }
    }

    /// A node of the cluster.
    ///
    /// @param node its name
    /// @param state alive, suspect or down
    /// @param startedAt when its process started, if that is known
    /// @param clientAddress where clients reach it, as HOST:PORT; empty if not known
    /// @param protocol which protocol it speaks with other nodes, if that is known
    public record Member(
            String node,
            String state,
            Optional<Instant> startedAt,
            String clientAddress,
            Optional<Protocol> protocol) {}

    /// The versions of the protocol between nodes that a node speaks.
    ///
    /// @param min the lowest
    /// @param max the highest
    /// @param used the one that the answering node uses with it; 0 if they share none, and so do
    ///   not talk to each other
    public record Protocol(int min, int max, int used) {}

    static NodeStatus of(GetStatusResponse message) {
        return new NodeStatus(
                message.getNode(),
                message.getCluster(),
                message.getVersion(),
                message.getReady(),
                message.getPartitionsList().stream()
                        .map(it ->
                                new Partition(
                                        it.getPartition(),
                                        it.getCoordinator(),
                                        it.getEpoch(),
                                        it.getWatermark(),
                                        it.getReplicasList(),
                                        it.getRole(),
                                        it.getUnconfirmedEntries()))
                        .toList(),
                message.getMembersList().stream()
                        .map(it ->
                                new Member(
                                        it.getNode(),
                                        it.getState(),
                                        it.getStartedAtMillis() == 0
                                                ? Optional.empty()
                                                : Optional.of(
                                                        Instant.ofEpochMilli(
                                                                it.getStartedAtMillis())),
                                        it.getClientAddress(),
                                        it.getProtocolMin() == 0
                                                ? Optional.empty()
                                                : Optional.of(
                                                        new Protocol(
                                                                it.getProtocolMin(),
                                                                it.getProtocolMax(),
                                                                it.getProtocol()))))
                        .toList());
    }
}
