package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mutants that no scenario is for, and that the first seeds find. Those that scenarios are for are
/// in `ScenariosSimulation`; `simulation/run --mutants` runs all.
class MutantsSimulation {
    private static final int SEEDS = 13;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ACK_AFTER_SYNC",
                "ADOPT_BEST_LOG",
                "CONDITIONS_CHECKED",
                "CONFIRM_BY_EPOCH",
                "CONFLICT_WAITS",
                "CONTENT_COMPARED",
                "CUT_ONLY_WHERE_DIFFERENT",
                "DISCARD_NEEDS_CONFIRMATION",
                "DISK_INDEXES_FOLLOW_TRUNCATION",
                "DISK_SYNC_IS_REAL",
                "DUPLICATE_WAITS",
                "ANSWER_IN_ORDER",
                "EPOCH_CHECKED",
                "IDS_BEFORE_CONDITIONS",
                "IDS_INCLUDE_TAIL",
                "ORDERED_NEVER_REFUSED",
                "OWN_PROMISE_FIRST",
                "OWN_SYNC_FIRST",
                "PUBLISH_CONFIRMED_ONLY",
                "WRITE_QUORUM"
            })
    void areFoundByTheFirstSeeds(String name) {
        Mutant mutant =
                Mutant.all().stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow();

        assertThat(new MutantRunner(SEEDS, _ -> {}).judge(mutant).killed()).isTrue();
    }
}
