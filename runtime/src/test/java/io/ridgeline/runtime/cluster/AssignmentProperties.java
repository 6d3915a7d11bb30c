package io.ridgeline.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// Exhaustive over 1 to 9 members, 1 to 7 replicas and many numbers of partitions.
class AssignmentProperties {
    private static final int MEMBERS_MAX = 9;
    private static final int REPLICAS_MAX = 7;
    private static final List<Integer> PARTITIONS = List.of(1, 2, 3, 5, 8, 13, 31, 32, 33, 64, 100);

    private static Founding founding(
            int partitions, int replicas, int members, IntFunction<String> zone) {
        List<Founder> founders = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            founders.add(new Founder(new NodeId("n" + i), zone.apply(i)));
        }
        return new Founding("c", partitions, 1, replicas, founders);
    }

    private interface Check {
        void of(Founding founding, List<List<NodeId>> assigned);
    }

    private static void forAll(IntFunction<String> zone, Check check) {
        for (int members = 1; members <= MEMBERS_MAX; members++) {
            for (int replicas = 1; replicas <= REPLICAS_MAX; replicas++) {
                for (int partitions : PARTITIONS) {
                    Founding founding = founding(partitions, replicas, members, zone);
                    check.of(founding, Assignment.of(founding));
                }
            }
        }
    }

    private static Map<NodeId, Integer> count(Founding founding, Collection<NodeId> nodes) {
        Map<NodeId, Integer> counts = new TreeMap<>();
        founding.nodes().forEach(node -> counts.put(node, 0));
        nodes.forEach(node -> counts.merge(node, 1, Integer::sum));
        return counts;
    }

    private static void assertEven(String what, Founding founding, Collection<NodeId> nodes) {
        Collection<Integer> counts = count(founding, nodes).values();
        assertThat(Collections.max(counts) - Collections.min(counts))
                .as("%s of %s: %s", what, founding, counts)
                .isLessThanOrEqualTo(1);
    }

    @Test
    void everyPartitionHasDistinctReplicasAsManyAsThereCanBe() {
        forAll(
                node -> "",
                (founding, assigned) -> {
                    assertThat(assigned).hasSize(founding.partitions());
                    for (List<NodeId> replicas : assigned) {
                        assertThat(replicas)
                                .doesNotHaveDuplicates()
                                .hasSize(Math.min(founding.replicas(), founding.members().size()));
                        assertThat(founding.nodes()).containsAll(replicas);
                    }
                });
    }

    @Test
    void nodesHoldAsManyReplicasAsEachOther() {
        forAll(
                node -> "",
                (founding, assigned) ->
                        assertEven(
                                "replicas",
                                founding,
                                assigned.stream().flatMap(List::stream).toList()));
    }

    @Test
    void nodesAreFirstInAsManyPartitionsAsEachOther() {
        forAll(
                node -> "",
                (founding, assigned) ->
                        assertEven(
                                "first places",
                                founding,
                                assigned.stream().map(List::getFirst).toList()));
    }

    @Test
    void replicasLieInAsManyZonesAsThereAre() {
        for (int zones = 1; zones <= 5; zones++) {
            int number = zones;
            forAll(
                    node -> "z" + node * node % number,
                    (founding, assigned) -> {
                        Map<NodeId, String> zoneOf = new TreeMap<>();
                        founding.members().forEach(each -> zoneOf.put(each.node(), each.zone()));
                        int existing = new HashSet<>(zoneOf.values()).size();
                        for (List<NodeId> replicas : assigned) {
                            Set<String> used = new HashSet<>();
                            replicas.forEach(node -> used.add(zoneOf.get(node)));
                            assertThat(used).hasSize(Math.min(existing, replicas.size()));
                        }
                    });
        }
    }

    @Test
    void equalZonesAreNoReasonForImbalance() {
        for (int zones = 2; zones <= 4; zones++) {
            for (int each = 1; each <= 3; each++) {
                for (int partitions : PARTITIONS) {
                    int number = zones;
                    Founding founding =
                            founding(partitions, zones, zones * each, node -> "z" + node % number);
                    List<List<NodeId>> assigned = Assignment.of(founding);
                    assertEven(
                            "replicas", founding, assigned.stream().flatMap(List::stream).toList());
                    assertEven(
                            "first places",
                            founding,
                            assigned.stream().map(List::getFirst).toList());
                }
            }
        }
    }

    @Test
    void theOrderInWhichMembersAreListedDoesNotMatter() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Founding founding =
                    founding(
                            1 + random.nextInt(64),
                            3,
                            1 + random.nextInt(9),
                            node -> "z" + node % 2);
            List<Founder> shuffled = new ArrayList<>(founding.members());
            Collections.shuffle(shuffled, random);
            Founding other =
                    new Founding(
                            founding.cluster(),
                            founding.partitions(),
                            founding.buckets(),
                            founding.replicas(),
                            shuffled);
            assertThat(Assignment.of(other)).isEqualTo(Assignment.of(founding));
            assertThat(other.clusterId()).isEqualTo(founding.clusterId());
        }
    }

    @Test
    void theLoadOfALostNodeFallsOnMany() {
        Founding founding = founding(60, 3, 6, node -> "");
        Map<NodeId, Set<NodeId>> partners = new TreeMap<>();
        for (List<NodeId> replicas : Assignment.of(founding)) {
            for (NodeId node : replicas) {
                partners.computeIfAbsent(node, key -> new HashSet<>()).addAll(replicas);
            }
        }
        assertThat(partners.values()).allSatisfy(each -> assertThat(each).hasSize(6));
    }
}
