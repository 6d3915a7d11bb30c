package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.client.RidgelineClient;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How long callers wait when a coordinator is killed, and at the start of a cluster. The times are
/// printed, for docs/performance.md, and not judged; more rounds: `-Dit.failover.rounds=20`.
class FailoverIT {
    private static final int PARTITIONS = 32;

    @Test
    void everyPartitionTakesWritesAgainAfterItsCoordinatorWasKilled() {
        int rounds = Checkout.setting("it.failover.rounds", 1);
        try (LocalCluster cluster =
                        LocalCluster.of(Checkout.folder(FailoverIT.class, "cluster"), 3);
                RidgelineClient client =
                        RidgelineClient.builder()
                                .servers(cluster.addresses())
                                .timeout(Duration.ofSeconds(60))
                                .build()) {
            long started = System.nanoTime();
            cluster.numbers().forEach(cluster::launch);
            append(client, "first");
            System.out.printf(
                    "failover: cold start to the first acknowledged write: %d ms%n",
                    millisSince(started));
            cluster.numbers().forEach(cluster::awaitReady);
            SortedMap<Integer, String> streams = streamOfEachPartition(client);
            List<Long> all = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                // The oldest node coordinates all partitions (R-CO-2).
                int victim = cluster.coordinators(1).getOrDefault(0, 0);
                all.addAll(afterTheKill(cluster, client, victim, streams.values()));
                cluster.restart(victim);
            }
            Collections.sort(all);
            System.out.printf(
                    "failover: %d kills, %d partitions each: median %d ms, worst %d ms%n",
                    rounds, PARTITIONS, all.get(all.size() / 2), all.getLast());
            assertThat(all).hasSize(rounds * PARTITIONS);
        }
    }

    private static List<Long> afterTheKill(
            LocalCluster cluster, RidgelineClient client, int victim, Iterable<String> streams) {
        cluster.kill(victim);
        long killed = System.nanoTime();
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        for (String stream : streams) {
            answers.add(
                    client.append(stream)
                            .event("Happened", "{}")
                            .sendAsync()
                            .thenApply(_ -> millisSince(killed)));
        }
        List<Long> millis = new ArrayList<>(answers.stream().map(CompletableFuture::join).toList());
        Collections.sort(millis);
        System.out.printf(
                "failover: n%d killed: median %d ms, worst %d ms%n",
                victim, millis.get(millis.size() / 2), millis.getLast());
        return millis;
    }

    private static SortedMap<Integer, String> streamOfEachPartition(RidgelineClient client) {
        SortedMap<Integer, String> streams = new TreeMap<>();
        IntStream.iterate(0, i -> streams.size() < PARTITIONS, i -> i + 1)
                .forEach(i -> streams.putIfAbsent(append(client, "stream-" + i), "stream-" + i));
        return streams;
    }

    private static int append(RidgelineClient client, String stream) {
        return client.append(stream).event("Happened", "{}").send().partition();
    }

    private static long millisSince(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
    }
}
