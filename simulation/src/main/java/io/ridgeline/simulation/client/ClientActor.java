package io.ridgeline.simulation.client;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.simulation.checker.Operation;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.cluster.Cluster;
import io.ridgeline.simulation.cluster.Requests;
import io.ridgeline.simulation.cluster.SimNode;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client: appends with every kind of condition, repeats with the same ids after a doubt and for
/// no reason, races others for stream versions, and reads at every level.
public final class ClientActor {
    private static final int TRIES_MAX = 6;

    private final Cluster cluster;
    private final Requests requests;
    private final Seeded random;
    private final Appends appends;
    private final Reads reads;
    private final SortedMap<PartitionId, Integer> coordinators = new TreeMap<>();
    private final SortedMap<PartitionId, Long> seen = new TreeMap<>();
    private int left;

    public ClientActor(Cluster cluster, Requests requests, int number) {
        this.cluster = cluster;
        this.requests = requests;
        this.random = cluster.split("client", number);
        this.appends = new Appends(cluster, random);
        this.reads = new Reads(cluster, random);
        this.left = cluster.plan().appendsPerClient();
        think();
    }

    private void think() {
        if (left > 0) {
            left--;
            long mean = cluster.plan().thinkNanos();
            cluster.queue().after(random.between(mean / 4, 2 * mean), this::act);
        }
    }

    private void act() {
        PartitionId partition = pick(cluster.partitions());
        int dice = random.between(0, 99);
        if (dice < 72) {
            tryAppend(appends.fresh(partition), 0);
        } else if (dice < 80) {
            @Nullable Operation earlier = appends.earlier();
            tryAppend(earlier == null ? appends.fresh(partition) : earlier, 0);
        } else if (dice < 84) {
            tryAppend(appends.sameIdsOtherwise(partition), TRIES_MAX);
        } else if (dice < 92) {
            readLinearizable(partition);
        } else if (dice < 96) {
            readSession(partition);
        } else {
            reads.local(pick(cluster.replicasOf(partition)), partition);
        }
        // Clients do not wait for one answer before they begin the next: writes are pipelined.
        think();
    }

    private <T> T pick(List<T> all) {
        return all.get(random.between(0, all.size() - 1));
    }

    private SimNode nodeFor(PartitionId partition) {
        @Nullable Integer known = coordinators.get(partition);
        return known != null && random.chance(0.8)
                ? cluster.nodes().get(known)
                : pick(cluster.nodes());
    }

    private void tryAppend(Operation operation, int tries) {
        SimNode node = nodeFor(operation.partition());
        long timeout = random.spread(100_000_000L, 3_000_000_000L);
        requests.append(
                node, operation, timeout, result -> onAnswer(node, operation, tries, result));
    }

    private void onAnswer(
            SimNode node, Operation operation, int tries, @Nullable AppendResult result) {
        PartitionId partition = operation.partition();
        switch (result) {
            case null -> coordinators.remove(partition);
            case AppendResult.Appended appended -> {
                coordinators.put(partition, node.index());
                seen.merge(partition, appended.lastSequence(), Math::max);
            }
            case AppendResult.NotCoordinator other -> follow(partition, other.coordinator());
            default -> {
                // Learned nothing about who coordinates.
            }
        }
        boolean again =
                result == null
                        || switch (result.certainty()) {
                            case DECIDED -> false;
                            case NOTHING_HAPPENED -> random.chance(0.6);
                            case UNKNOWN -> random.chance(0.8);
                        };
        if (again && tries < TRIES_MAX) {
            long wait = random.spread(1_000_000L, 600_000_000L);
            cluster.queue().after(wait, () -> tryAppend(operation, tries + 1));
        }
    }

    private void follow(PartitionId partition, @Nullable NodeId coordinator) {
        if (coordinator == null) {
            coordinators.remove(partition);
        } else {
            coordinators.put(partition, Integer.parseInt(coordinator.name().substring(1)));
        }
    }

    private void readLinearizable(PartitionId partition) {
        SimNode node = nodeFor(partition);
        requests.readIndex(
                node,
                partition,
                new ReadIndexRequest.Level.Linearizable(),
                1_000_000_000L,
                result -> {
                    if (result instanceof ReadIndexResult.Ready ready) {
                        see(partition, ready.lastSequence());
                        reads.some(
                                node, partition, ready.watermark().index(), ready.lastSequence());
                    } else if (result instanceof ReadIndexResult.NotCoordinator other) {
                        follow(partition, other.coordinator());
                    }
                });
    }

    private void readSession(PartitionId partition) {
        SimNode node = pick(cluster.replicasOf(partition));
        long atLeast = seen.getOrDefault(partition, -1L);
        requests.readIndex(
                node,
                partition,
                new ReadIndexRequest.Level.Session(0, atLeast),
                2_000_000_000L,
                result -> {
                    if (result instanceof ReadIndexResult.Ready ready) {
                        if (ready.lastSequence() < atLeast) {
                            throw new Violation(
                                    "session reads never go back",
                                    "%s, partition %s: serves up to %d, the client has seen %d"
                                            .formatted(
                                                    node.run(),
                                                    partition,
                                                    ready.lastSequence(),
                                                    atLeast));
                        }
                        cluster.checker()
                                .checkChosen(
                                        node.run(), partition, ready.watermark(), node.store());
                        see(partition, ready.lastSequence());
                        reads.some(
                                node, partition, ready.watermark().index(), ready.lastSequence());
                    }
                });
    }

    private void see(PartitionId partition, long sequence) {
        seen.merge(partition, sequence, Math::max);
    }
}
