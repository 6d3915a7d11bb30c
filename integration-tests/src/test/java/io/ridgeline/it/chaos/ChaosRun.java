package io.ridgeline.it.chaos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.it.events.History;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Outcome;
import io.ridgeline.it.process.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;

/// One run: a new cluster, clients, a nemesis, and the reckoning.
public final class ChaosRun {
    private static final int NODES = 3;
    private static final int PARTITIONS = 8;
    private static final int DISK_MEBIBYTES = 128;

    private final Path folder;
    private final Random random;

    /// @param folder new and empty
    /// @param seed decides what is done when, though not how the machine's threads take it
    public ChaosRun(Path folder, long seed) {
        this.folder = folder;
        this.random = new Random(seed);
    }

    /// Runs it; fails if a promise is broken, or if the cluster does not recover.
    public void run(int seconds) throws InterruptedException {
        Map<Integer, SmallDisk> disks = new HashMap<>();
        try {
            run(seconds, disks);
        } finally {
            disks.values().forEach(SmallDisk::close);
        }
    }

    /// Real disks sync, small ones can be filled: each run has the one or the other.
    private void mount(LocalCluster cluster, Map<Integer, SmallDisk> disks) {
        if (random.nextBoolean()) {
            for (int number : cluster.numbers()) {
                SmallDisk.mount(cluster.disk(number), DISK_MEBIBYTES)
                        .ifPresent(disk -> disks.put(number, disk));
            }
        }
        System.out.println("chaos: " + (disks.isEmpty() ? "real disks" : "small disks"));
    }

    private void run(int seconds, Map<Integer, SmallDisk> disks) throws InterruptedException {
        Chronicle chronicle = new Chronicle();
        try (Network network = new Network();
                LocalCluster cluster =
                        LocalCluster.of(
                                folder,
                                NODES,
                                network::link,
                                plan ->
                                        plan.with(
                                                        "ridgeline.partitions",
                                                        Integer.toString(PARTITIONS))
                                                .with(
                                                        "ridgeline.storage.file.segment-size",
                                                        "4M"))) {
            mount(cluster, disks);
            cluster.start();
            Nemesis nemesis = new Nemesis(cluster, network, disks, random);
            try (Clients clients =
                    new Clients(
                            chronicle,
                            List.of(cluster.addresses().split(",")),
                            PARTITIONS,
                            random)) {
                nemesis.rage(Duration.ofSeconds(seconds));
                clients.finish();
                chronicle.requireWhole();
                settle(cluster, clients, chronicle);
                clients.conclude();
            }
            List<History> replicas = new ArrayList<>();
            cluster.nodes().forEach(node -> replicas.add(History.local(node.events())));
            new Checker(replicas).check(chronicle);
            stopAndVerify(cluster);
            report(chronicle, nemesis, replicas.getFirst().size());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("logs of the nodes are in " + folder, e);
        }
    }

    /// Faults are over: soon every replica has everything, and so has every follower.
    private void settle(LocalCluster cluster, Clients clients, Chronicle chronicle) {
        Map<Integer, Long> atLeast = chronicle.acknowledged();
        Awaitility.await("equal replicas after the last fault")
                .atMost(60, SECONDS)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> watermarks(cluster, atLeast).size() == 1);
        Map<Integer, Integer> events = new HashMap<>();
        watermarks(cluster, atLeast)
                .iterator()
                .next()
                .forEach((partition, last) -> {
                    if (last >= 0) {
                        events.put(partition, Math.toIntExact(last) + 1);
                    }
                });
        Awaitility.await("followers that have everything")
                .atMost(60, SECONDS)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> clients.followersHave(events));
    }

    /// What nodes say of their watermarks: one answer if all agree and nothing is missing.
    private static Set<Map<Integer, Long>> watermarks(
            LocalCluster cluster, Map<Integer, Long> atLeast) {
        Set<Map<Integer, Long>> answers = new HashSet<>();
        for (int number : cluster.numbers()) {
            Map<Integer, Long> answer = new HashMap<>();
            for (PartitionStatus each : cluster.status(number).getPartitionsList()) {
                answer.put(each.getPartition(), each.getWatermark());
            }
            answers.add(answer);
        }
        for (Map<Integer, Long> answer : answers) {
            for (Map.Entry<Integer, Long> entry : atLeast.entrySet()) {
                if (answer.getOrDefault(entry.getKey(), -1L) < entry.getValue()) {
                    return Set.of();
                }
            }
        }
        return answers;
    }

    private static void stopAndVerify(LocalCluster cluster) {
        for (int number : cluster.numbers()) {
            Outcome stopped = cluster.terminate(number);
            assertThat(stopped.exit()).as("SIGTERM: %s", stopped).isZero();
        }
        for (int number : cluster.numbers()) {
            Outcome verified = cluster.plan(number).verifyStorage();
            assertThat(verified.exit()).as("storage verify: %s", verified).isZero();
        }
    }

    private static void report(Chronicle chronicle, Nemesis nemesis, int events) {
        System.out.printf(
                "chaos: %d events; %d attempts acknowledged, %d refused, %d unknown; faults %s%n",
                events,
                chronicle.count(Attempt.Acknowledged.class),
                chronicle.count(Attempt.NothingHappened.class),
                chronicle.count(Attempt.Unknown.class),
                nemesis.done());
        assertThat(chronicle.count(Attempt.Acknowledged.class))
                .as("acknowledged attempts, without which nothing was tested")
                .isGreaterThan(100);
    }
}
