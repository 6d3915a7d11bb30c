package io.ridgeline.it;

import io.ridgeline.it.chaos.ChaosRun;
import io.ridgeline.it.process.Checkout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Three nodes and their clients while nodes are killed, paused, cut off, slowed, wiped and started
/// with wrong clocks; afterwards everything that was promised holds.
///
/// Longer: `-Dit.chaos.runs=20 -Dit.chaos.seconds=60`; one run again: `-Dit.seed=`.
class ChaosIT {
    @Test
    void whateverHappensToThreeNodesTheirPromisesHold() throws Exception {
        int runs = Checkout.setting("it.chaos.runs", 1);
        int seconds = Checkout.setting("it.chaos.seconds", 45);
        // The first run has the seed that is printed, so that any run can be had again alone.
        long seed = Checkout.seed(ChaosIT.class);
        for (int run = 1; run <= runs; run++, seed++) {
            Path folder = Checkout.folder(ChaosIT.class, "run-" + run);
            System.out.printf("ChaosIT: run %d of %d, -Dit.seed=%d%n", run, runs, seed);
            new ChaosRun(folder, seed).run(seconds);
            Checkout.delete(folder);
        }
    }
}
