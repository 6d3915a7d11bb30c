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
    private static final int REPLICAS = 3;
    private static final int PARTITIONS = 8;
    private static final int DISK_MEBIBYTES = 128;

    /// Of so many acknowledged attempts at least the promises are checked.
    private static final int ACKNOWLEDGED_MIN = 100;

    private final Path folder;
    private final int nodes;
    private final boolean smallDisks;
    private final Random random;

    /// @param folder new and empty
    /// @param nodes at least as many as there are replicas of a partition
    /// @param seed decides what is done when, though not how the machine's threads take it
    public ChaosRun(Path folder, int nodes, long seed) {
        this.folder = folder;
        this.nodes = nodes;
        // Not drawn: generators of neighbouring seeds begin alike.
        this.smallDisks = seed % 2 == 0;
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

    /// Real disks sync, small ones can be filled: every other run has the one or the other.
    private void mount(LocalCluster cluster, Map<Integer, SmallDisk> disks) {
        if (smallDisks) {
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
                                nodes,
                                network::link,
                                plan ->
                                        plan.with("ridgeline.replicas", Integer.toString(REPLICAS))
                                                .with(
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
                // Where others take the processors, starts alone may have filled the time.
                Awaitility.await("acknowledged attempts, without which nothing is tested")
                        .atMost(60, SECONDS)
                        .until(() ->
                                chronicle.count(Attempt.Acknowledged.class) >= ACKNOWLEDGED_MIN);
                clients.finish();
                chronicle.requireWhole();
                settle(cluster, clients, chronicle);
                clients.conclude();
            }
            List<History> ends = new ArrayList<>();
            for (int number : cluster.numbers()) {
                ends.add(History.local(cluster.node(number).events(), cluster.held(number)));
            }
            Checker checker = new Checker(ends, REPLICAS);
            checker.check(chronicle);
            stopAndVerify(cluster);
            report(chronicle, nemesis, checker.events());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("logs of the nodes are in " + folder, e);
        }
    }

    /// Faults are over: soon every replica has everything, and so has every follower.
    private static void settle(LocalCluster cluster, Clients clients, Chronicle chronicle) {
        Map<Integer, Long> atLeast = chronicle.acknowledged();
        Map<Integer, Long> ends =
                Awaitility.await("equal replicas after the last fault")
                        .atMost(60, SECONDS)
                        .pollInterval(Duration.ofMillis(200))
                        .until(
                                () -> watermarks(cluster),
                                found ->
                                        found.size() == PARTITIONS
                                                && atLeast.entrySet().stream()
                                                        .allMatch(each ->
                                                                found.getOrDefault(
                                                                                each.getKey(), -1L)
                                                                        >= each.getValue()));
        Awaitility.await("followers that have everything")
                .atMost(60, SECONDS)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> clients.followersHave(ends));
    }

    /// {@return the watermark of each partition of which all nodes that hold it say the same}
    private static Map<Integer, Long> watermarks(LocalCluster cluster) {
        Map<Integer, Set<Long>> said = new HashMap<>();
        for (int number : cluster.numbers()) {
            for (PartitionStatus each : cluster.status(number).getPartitionsList()) {
                said.computeIfAbsent(each.getPartition(), any -> new HashSet<>())
                        .add(each.getWatermark());
            }
        }
        Map<Integer, Long> agreed = new HashMap<>();
        said.forEach((partition, answers) -> {
            if (answers.size() == 1) {
                agreed.put(partition, answers.iterator().next());
            }
        });
        return agreed;
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
    }
}
