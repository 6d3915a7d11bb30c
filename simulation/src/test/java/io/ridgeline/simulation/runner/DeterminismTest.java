package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.plan.Swarm;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeterminismTest {
    @Test
    void oneSeedIsOneRunToTheByte() {
        for (long seed = 1; seed <= 25; seed++) {
            RunResult first = Simulation.run(Swarm.plan(seed));
            RunResult second = Simulation.run(Swarm.plan(seed));

            assertThat(second.hash()).as("seed %d", seed).isEqualTo(first.hash());
            assertThat(second.steps()).isEqualTo(first.steps());
            assertThat(second.coverage().counts()).isEqualTo(first.coverage().counts());
        }
    }

    @Test
    void theStorageIsDeterministicToo() {
        for (long seed = 1; seed <= 3; seed++) {
            long first = Simulation.run(Swarm.plan(seed, true)).hash();

            assertThat(Simulation.run(Swarm.plan(seed, true)).hash()).isEqualTo(first);
        }
    }

    @Test
    void tellingTheStoryDoesNotChangeIt() {
        RunResult silent = Simulation.run(Swarm.plan(7));
        RunResult told = Simulation.run(Swarm.plan(7), Rules.ALL, Set.of(), true);

        assertThat(told.hash()).isEqualTo(silent.hash());
        assertThat(told.trace().lines()).isNotEmpty();
    }

    @Test
    void otherSeedsAreOtherRuns() {
        Set<Long> hashes = new HashSet<>();
        for (long seed = 1; seed <= 20; seed++) {
            hashes.add(Simulation.run(Swarm.plan(seed)).hash());
        }

        assertThat(hashes).hasSize(20);
    }
}
