package io.ridgeline.simulation.plan;

import io.ridgeline.simulation.network.NetworkProfile;
import java.util.List;

/// All that a seed decides. Two runs of one plan are the same to the byte.
///
/// @param seed splits into the generators of a run
/// @param nodes 1 to 7
/// @param replicas for each partition, the nodes that have one
/// @param writeQuorum W of every partition, at most its number of replicas; 0 for a majority
/// @param clients how many
/// @param appendsPerClient how many operations each begins before faults end
/// @param thinkNanos mean time between two operations of a client
/// @param streams how many streams of a partition clients share; few make conflicts
/// @param faultNanos how long faults go on
/// @param pace how slow heartbeats and detectors are; 1 is the default
/// @param syncNanos how long a sync takes
/// @param syncs what happens while a sync runs
/// @param smallLimits whether buffers and windows are tiny
/// @param lossDisksMax how many replicas of a partition may be without memory at once
/// @param checksLiveness whether enough voters stay for partitions to go on
/// @param fileStorage whether the storage plugin runs over a simulated disk, instead of the model
public record SimPlan(
        long seed,
        int nodes,
        List<List<Integer>> replicas,
        int writeQuorum,
        int clients,
        int appendsPerClient,
        long thinkNanos,
        int streams,
        long faultNanos,
        double pace,
        long syncNanos,
        Syncs syncs,
        boolean smallLimits,
        int lossDisksMax,
        boolean checksLiveness,
        boolean fileStorage,
        NetworkProfile network,
        List<Fault> faults) {
    public SimPlan {
        replicas = List.copyOf(replicas);
        faults = List.copyOf(faults);
    }

    /// {@return the same plan with other faults}
    public SimPlan withFaults(List<Fault> others) {
        return with(nodes, replicas, clients, appendsPerClient, faultNanos, network, others);
    }

    /// {@return the same plan with other sizes}
    public SimPlan withSizes(
            List<List<Integer>> fewerReplicas, int fewerClients, int fewerAppends, long shorter) {
        return with(nodes, fewerReplicas, fewerClients, fewerAppends, shorter, network, faults);
    }

    /// {@return the same plan with fewer nodes, for partitions of which all are replicas}
    public SimPlan withNodes(int fewer) {
        List<List<Integer>> kept =
                replicas.stream()
                        .map(all -> all.stream().filter(node -> node < fewer).toList())
                        .toList();
        List<Fault> among =
                faults.stream()
                        .filter(fault -> fault.target() < fewer && fault.other() < fewer)
                        .toList();
        return with(fewer, kept, clients, appendsPerClient, faultNanos, network, among);
    }

    /// {@return the same plan over another network}
    public SimPlan withNetwork(NetworkProfile other) {
        return with(nodes, replicas, clients, appendsPerClient, faultNanos, other, faults);
    }

    private SimPlan with(
            int newNodes,
            List<List<Integer>> newReplicas,
            int newClients,
            int newAppendsPerClient,
            long newFaultNanos,
            NetworkProfile newNetwork,
            List<Fault> newFaults) {
        return new SimPlan(
                seed,
                newNodes,
                newReplicas,
                writeQuorum,
                newClients,
                newAppendsPerClient,
                thinkNanos,
                streams,
                newFaultNanos,
                pace,
                syncNanos,
                syncs,
                smallLimits,
                lossDisksMax,
                checksLiveness,
                fileStorage,
                newNetwork,
                newFaults);
    }
}
