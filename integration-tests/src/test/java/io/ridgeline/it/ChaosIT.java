package io.ridgeline.it;

import io.ridgeline.it.chaos.ChaosRun;
import io.ridgeline.it.process.Checkout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Nodes and their clients while nodes are killed, paused, cut off, slowed, wiped and started with
/// wrong clocks; afterwards everything that was promised holds.
///
/// Longer: `-Dit.chaos.runs=20 -Dit.chaos.seconds=60`, with more nodes than replicas
/// `-Dit.chaos.spread.seconds=60 -Dit.chaos.nodes=5`; one run again: `-Dit.seed=`.
class ChaosIT {
    @Test
    void whateverHappensToThreeNodesTheirPromisesHold() throws Exception {
        run("three", 3, Checkout.setting("it.chaos.seconds", 30));
    }

    /// No node holds everything: who follows everything follows several nodes, and goes from one to
    /// the other as they come and go.
    @Test
    void norDoTheyBreakWhereThereAreMoreNodesThanReplicas() throws Exception {
        run(
                "spread",
                Checkout.setting("it.chaos.nodes", 5),
                Checkout.setting("it.chaos.spread.seconds", 12));
    }

    private static void run(String name, int nodes, int seconds) throws Exception {
        int runs = Checkout.setting("it.chaos.runs", 1);
        // The first run has the seed that is printed, so that any run can be had again alone.
        long seed = Checkout.seed(ChaosIT.class);
        for (int run = 1; run <= runs; run++, seed++) {
            Path folder = Checkout.folder(ChaosIT.class, name + "-" + run);
            System.out.printf("ChaosIT: %s, run %d of %d, -Dit.seed=%d%n", name, run, runs, seed);
            new ChaosRun(folder, nodes, seed).run(seconds);
            Checkout.delete(folder);
        }
    }
}
