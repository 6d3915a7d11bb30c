package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.simulation.plan.Swarm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Seeds that have failed; docs/verification.md says what each of them found.
class KeptSeedsSimulation {
    @ParameterizedTest
    @ValueSource(
            longs = {
                6, 18, 20, 169, 250, 667, 921, 992, 1704, 1846, 1865, 1941, 2547, 10324, 10578,
                10732, 10827, 12960, 13015, 13053, 20323, 21484, 21820, 22897, 23355, 24217,
                        5000684, 5004449, 5010299, 201646,
                202990, 86005, 20029161, 20069875, 20093654
            })
    void staysGreen(long seed) {
        assertThat(Simulation.run(Swarm.plan(seed)).failure()).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = 5214)
    void staysGreenOverTheStoragePlugin(long seed) {
        assertThat(Simulation.run(Swarm.plan(seed, true)).failure()).isNull();
    }
}
