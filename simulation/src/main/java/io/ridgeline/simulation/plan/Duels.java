package io.ridgeline.simulation.plan;

import io.ridgeline.simulation.time.Seeded;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Bursts of takeovers that nobody waits for: candidates of all nodes in the same milliseconds,
/// with cuts, held messages and crashes between them. Detectors and polls are patient; what only a
/// race can break shows here.
final class Duels {
    private static final long MILLI = 1_000_000;
    private static final FaultKind[] BETWEEN = {
        FaultKind.ISOLATE,
        FaultKind.CUT_ONE_WAY,
        FaultKind.CUT,
        FaultKind.MINORITY,
        FaultKind.DEAF,
        FaultKind.MUTE,
        FaultKind.HOLD,
        FaultKind.POWER_LOSS,
        FaultKind.CRASH,
        FaultKind.PAUSE,
        FaultKind.SLOW_DISK,
        FaultKind.STALLED_DISK,
        FaultKind.POWER_LOSS_ALL,
    };

    private Duels() {}

    static List<Fault> faults(
            Seeded random, int nodes, int partitions, long faultNanos, int lossMax) {
        List<FaultKind> kinds = new ArrayList<>();
        for (FaultKind kind : BETWEEN) {
            if (random.split(kind.name(), 0).chance(0.4)) {
                kinds.add(kind);
            }
        }
        if (lossMax > 0 && random.chance(0.4)) {
            kinds.add(random.chance(0.5) ? FaultKind.WIPE : FaultKind.HOLD_PAST_WIPE);
        }
        if (random.chance(0.3)) {
            kinds.add(FaultKind.CHANGE_QUORUM);
        }
        kinds.add(FaultKind.FORCED_TRANSFER);
        List<Fault> faults = new ArrayList<>();
        long at = 1_000 * MILLI;
        while (at < faultNanos) {
            int partition = random.between(0, partitions - 1);
            int burst = random.between(1, 6);
            for (int i = 0; i < burst; i++) {
                boolean candidate = random.chance(0.5);
                FaultKind kind =
                        candidate
                                ? FaultKind.FORCED_TRANSFER
                                : kinds.get(random.between(0, kinds.size() - 1));
                boolean aimed = !candidate && random.chance(0.5);
                faults.add(
                        new Fault(
                                kind,
                                at + random.between(0, 30) * MILLI / (candidate ? 10 : 1),
                                random.spread(2 * MILLI, 1_500 * MILLI),
                                aimed ? -1 - partition : random.between(0, nodes - 1),
                                random.between(0, nodes - 1),
                                // Forced transfers name their partition by the amount.
                                (partition + random.nextDouble()) / 1_000));
            }
            at += random.spread(5 * MILLI, 900 * MILLI);
        }
        faults.sort(Comparator.comparingLong(Fault::atNanos));
        return faults;
    }
}
