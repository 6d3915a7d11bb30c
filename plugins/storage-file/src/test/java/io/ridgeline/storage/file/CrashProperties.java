package io.ridgeline.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.storage.file.disk.SimulatedDisk;
import io.ridgeline.storage.file.disk.SimulatedDisk.Fault;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens at whatever moment, what was synced is there, what was not is there as a prefix
/// or not at all, and nothing else ever is. More seeds: `-Dridgeline.seeds=10000`; one of them:
/// `-Dridgeline.seed=42`.
class CrashProperties {
    private static final int SEEDS = Integer.getInteger("ridgeline.seeds", 15);

    private static void forSeeds(LongConsumer story) {
        Long one = Long.getLong("ridgeline.seed");
        for (long seed = one == null ? 0 : one; seed < (one == null ? SEEDS : one + 1); seed++) {
            try {
                story.accept(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void nothingIsLostWithoutFaults() {
        forSeeds(CrashProperties::withoutFaults);
    }

    private static void withoutFaults(long seed) {
        Workload workload = new Workload(seed);
        for (int round = 0; round < 3; round++) {
            assertThat(workload.run(200)).isTrue();
            workload.disk.kill();
            workload.check(false);
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whatWasSyncedSurvives(Fault fault) {
        forSeeds(seed -> withFault(seed, fault, false));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whatWasSyncedSurvivesInShortSegments(Fault fault) {
        forSeeds(seed -> withFault(seed, fault, true));
    }

    private static void withFault(long seed, Fault fault, boolean large) {
        SplittableRandom random = new SplittableRandom(~seed);
        Workload workload = new Workload(seed);
        if (large) {
            workload.withLargeEvents();
        }
        for (int round = 0; round < 5; round++) {
            workload.disk.failAt(workload.disk.operations() + random.nextInt(120), fault);
            if (workload.run(250)) {
                workload.disk.kill();
            }
            if (random.nextInt(3) == 0) {
                workload.disk.restart();
                workload.disk.cutPower();
            }
            workload.check(false);
        }
    }

    /// One story, ended at each of its operations on the disk in turn.
    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyMomentIsAGoodOneToStop(Fault fault) {
        Workload whole = new Workload(7).withLargeEvents();
        assertThat(whole.run(150)).isTrue();
        long operations = whole.disk.operations();
        assertThat(operations).isGreaterThan(50);
        for (long stop = 0; stop < operations; stop++) {
            try {
                stopAt(stop, fault);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("stopped at " + stop + ": " + e.getMessage(), e);
            }
        }
    }

    private static void stopAt(long stop, Fault fault) {
        Workload workload;
        try {
            workload = new Workload(7, stop, fault).withLargeEvents();
        } catch (SimulatedDisk.Gone | StorageException e) {
            // The storage was not even made.
            return;
        }
        if (workload.run(150)) {
            workload.disk.kill();
        }
        workload.check(false);
    }

    @Test
    void damageIsNeverServedAndRepairable() {
        forSeeds(CrashProperties::withDamage);
    }

    private static void withDamage(long seed) {
        Workload workload = new Workload(seed);
        for (int round = 0; round < 4; round++) {
            assertThat(workload.run(150)).isTrue();
            workload.damage();
            workload.check(true);
            // What was repaired or lost is settled: a restart does not find it again.
            workload.disk.kill();
            workload.check(false);
        }
    }

    /// Seeds that failed once.
    @ParameterizedTest
    @ValueSource(longs = {5, 7, 13, 19, 27, 36, 42, 55, 112, 114, 154, 172, 238, 496})
    void seedsThatFailedOnce(long seed) {
        everyFault(seed);
    }

    private static void everyFault(long seed) {
        for (Fault fault : Fault.values()) {
            withFault(seed, fault, false);
            withFault(seed, fault, true);
        }
        withoutFaults(seed);
        withDamage(seed);
    }
}
