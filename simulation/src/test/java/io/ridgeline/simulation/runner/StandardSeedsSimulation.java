package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The standard seeds, from 1 on: `-Dsimulation.seeds=N` runs N of them, `-Dsimulation.from=M`
/// begins elsewhere. `simulation/run` runs any number.
class StandardSeedsSimulation {
    private static final long SEEDS = Long.getLong("simulation.seeds", RequiredCoverage.SEEDS);
    private static final long FILE_SEEDS = Math.max(1, SEEDS / 20);
    private static final long FROM = Long.getLong("simulation.from", 1);
    private static final int JOBS = Runtime.getRuntime().availableProcessors();

    private final List<String> failures = new ArrayList<>();

    private SeedRunner run(boolean file, long seeds) throws InterruptedException {
        SeedRunner runner =
                new SeedRunner(
                        file,
                        result ->
                                failures.add(
                                        "seed " + result.plan().seed() + ": " + result.failure()));
        runner.run(FROM, JOBS, () -> runner.seeds() >= seeds);
        return runner;
    }

    @Test
    void breakNoPromiseAndMissNoEvent() throws InterruptedException {
        SeedRunner runner = run(false, SEEDS);

        assertThat(failures).isEmpty();
        if (SEEDS >= RequiredCoverage.SEEDS) {
            assertThat(RequiredCoverage.missing(runner.coverage())).isEmpty();
        }
    }

    @Test
    void breakNoPromiseOverTheStoragePlugin() throws InterruptedException {
        run(true, FILE_SEEDS);

        assertThat(failures).isEmpty();
    }
}
