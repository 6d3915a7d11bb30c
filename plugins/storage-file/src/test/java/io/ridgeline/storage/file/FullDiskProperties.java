package io.ridgeline.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.storage.file.disk.SimulatedDisk;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/// A full disk refuses what clients write and nothing else: a node whose process or power ends on
/// it starts again, as often as that happens, and writes resume once there is space. More seeds:
/// `-Dridgeline.seeds=10000`; one of them: `-Dridgeline.seed=42`.
class FullDiskProperties {
    private static final int SEEDS = Integer.getInteger("ridgeline.seeds", 3);
    private static final int STARTS = 5;

    /// The reserve is an eighth of it.
    private static final int SEGMENT_BYTES = 512 << 10;

    private static final long ROOM_BYTES = 700_000;

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

    /// What a process left free by ending is somebody else's.
    private static void end(Workload workload, SplittableRandom random) {
        if (random.nextBoolean()) {
            workload.disk.kill();
        } else {
            workload.disk.cutPower();
        }
        workload.disk.restart();
        workload.disk.capacity(workload.disk.usedBytes());
    }

    @Test
    void aNodeStartsOnItAndItsReserveComesBackWithSpace() {
        forSeeds(seed -> {
            SplittableRandom random = new SplittableRandom(~seed);
            Workload workload = Workload.inSegments(seed, SEGMENT_BYTES);
            if (random.nextBoolean()) {
                workload.withLargeEvents();
            }
            workload.start();
            workload.run(60);
            for (int round = 0; round < 3; round++) {
                workload.disk.capacity(workload.disk.usedBytes() + random.nextLong(ROOM_BYTES));
                workload.fill();
                for (int start = 0; start < STARTS; start++) {
                    end(workload, random);
                    workload.check(false);
                    workload.start();
                    workload.disk.capacity(workload.disk.usedBytes());
                    workload.fill();
                }
                workload.disk.capacity(workload.disk.usedBytes() + ROOM_BYTES);
                assertThat(workload.fill()).as("transactions once there is space").isPositive();
            }
        });
    }

    @Test
    void noMomentOnItIsABadOneToStop() {
        forSeeds(seed -> {
            SplittableRandom random = new SplittableRandom(~seed);
            Workload workload = new Workload(seed);
            if (random.nextBoolean()) {
                workload.withLargeEvents();
            }
            workload.run(150);
            for (int round = 0; round < 6; round++) {
                workload.disk.capacity(workload.disk.usedBytes() + random.nextLong(100_000));
                workload.disk.failAt(
                        workload.disk.operations() + random.nextInt(120), SimulatedDisk.Fault.KILL);
                workload.run(100);
                end(workload, random);
                workload.check(false);
            }
        });
    }
}
