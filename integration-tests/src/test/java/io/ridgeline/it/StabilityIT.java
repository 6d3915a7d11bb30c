package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.client.EventIterator;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.RidgelineException;
import io.ridgeline.client.Source;
import io.ridgeline.it.events.History;
import io.ridgeline.it.load.ClusterLoad;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.LocalCluster;
import io.ridgeline.it.process.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Three nodes under constant load that takes all processors: writers, and a reader that replays
/// everything over and over. First nodes are killed or stopped at random and started again; then
/// nothing happens, and so no partition may change its coordinator, and no node grow. As long as it
/// should be: `-Dit.stability.restarts=900 -Dit.stability.calm=900`, in seconds.
class StabilityIT {
    private static final int WRITERS = 2;

    /// Shorter than this, what a node takes says how warm it is, not whether it grows.
    private static final int CALM_SECONDS_THAT_SHOW_GROWTH = 300;

    private static final double GROWTH_MAX = 1.15;
    private static final int FILES_GROWTH_MAX = 16;

    private final AtomicLong replayed = new AtomicLong();
    private volatile boolean ending;

    private record Sample(long anonymousBytes, int files) {}

    @Test
    void aClusterUnderLoadStaysAsItIs() throws Exception {
        Duration restarts = Duration.ofSeconds(Checkout.setting("it.stability.restarts", 20));
        Duration calm = Duration.ofSeconds(Checkout.setting("it.stability.calm", 20));
        Random random = new Random(Checkout.seed(StabilityIT.class));
        try (LocalCluster cluster =
                LocalCluster.of(Checkout.folder(StabilityIT.class, "cluster"), 3).start()) {
            cluster.check(() -> run(cluster, random, restarts, calm));
        }
    }

    private void run(LocalCluster cluster, Random random, Duration restarting, Duration calm) {
        try (ClusterLoad load =
                        ClusterLoad.start(cluster.addresses(), WRITERS, Duration.ofSeconds(30));
                RidgelineClient client = RidgelineClient.connect(cluster.addresses())) {
            Thread reader = Thread.ofPlatform().name("reader").start(() -> replay(client));
            load.awaitMore(100);
            int restarts = restartNodes(cluster, random, Instant.now().plus(restarting));
            load.awaitMore(100);
            SortedMap<Integer, Long> epochs = epochs(cluster);
            List<List<Sample>> samples = watch(cluster, Instant.now().plus(calm));
            SortedMap<Integer, Long> epochsAtTheEnd = epochs(cluster);

            ending = true;
            join(reader);
            load.finish();
            assertThat(load.failures()).isEmpty();
            System.out.printf(
                    "stability: %d calm s, %d writes acknowledged, %d events replayed, %d restarts%n",
                    calm.toSeconds(), load.acknowledged(), replayed.get(), restarts);
            for (Node node : cluster.nodes()) {
                load.settle(History.of(node.events()));
            }
            judge(samples, calm.toSeconds() >= CALM_SECONDS_THAT_SHOW_GROWTH);
            // A node whose log says that it was Paused for longer than the detector waits was
            // really away.
            assertThat(epochsAtTheEnd).as("epochs when nothing happened").isEqualTo(epochs);
        }
    }

    private void replay(RidgelineClient client) {
        while (!ending) {
            try (EventIterator events = client.read(Source.all()).iterator()) {
                while (!ending && events.hasNext()) {
                    events.next();
                    replayed.incrementAndGet();
                }
            } catch (RidgelineException e) {
                // Its node was killed; it begins again.
                pause(100);
            }
        }
    }

    private static int restartNodes(LocalCluster cluster, Random random, Instant end) {
        int restarts = 0;
        while (Instant.now().isBefore(end)) {
            int number = 1 + random.nextInt(cluster.numbers().size());
            if (random.nextBoolean()) {
                cluster.kill(number);
            } else {
                cluster.terminate(number);
            }
            pause(random.nextInt(3_000));
            cluster.restart(number);
            restarts++;
            pause(3_000 + random.nextInt(12_000));
        }
        return restarts;
    }

    /// For each node what it took, sampled until the time is over.
    private static List<List<Sample>> watch(LocalCluster cluster, Instant end) {
        List<List<Sample>> samples = new ArrayList<>();
        cluster.nodes().forEach(_ -> samples.add(new ArrayList<>()));
        while (Instant.now().isBefore(end)) {
            pause(1_000);
            for (int i = 0; i < samples.size(); i++) {
                Node node = cluster.nodes().get(i);
                samples.get(i).add(new Sample(node.anonymousBytes(), node.openFiles()));
            }
        }
        return samples;
    }

    private static void judge(List<List<Sample>> samples, boolean showsGrowth) {
        for (int i = 0; i < samples.size(); i++) {
            List<Sample> all = samples.get(i);
            Sample first = most(all.subList(0, all.size() / 3));
            Sample last = most(all.subList(2 * all.size() / 3, all.size()));
            System.out.printf(
                    "stability: n%d takes at most %d MB, %d files in the first third of the calm"
                            + " time, %d MB, %d files in the last%n",
                    i + 1,
                    first.anonymousBytes() >> 20,
                    first.files(),
                    last.anonymousBytes() >> 20,
                    last.files());
            if (showsGrowth) {
                assertThat(last.anonymousBytes())
                        .as("memory")
                        .isLessThan((long) (GROWTH_MAX * first.anonymousBytes()));
                assertThat(last.files()).isLessThan(first.files() + FILES_GROWTH_MAX);
            }
        }
    }

    private static Sample most(List<Sample> samples) {
        return new Sample(
                samples.stream().mapToLong(Sample::anonymousBytes).max().orElseThrow(),
                samples.stream().mapToInt(Sample::files).max().orElseThrow());
    }

    private static SortedMap<Integer, Long> epochs(LocalCluster cluster) {
        SortedMap<Integer, Long> epochs = new TreeMap<>();
        for (PartitionStatus each : cluster.status(1).getPartitionsList()) {
            epochs.put(each.getPartition(), each.getEpoch());
        }
        return epochs;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError(e);
    }
}
