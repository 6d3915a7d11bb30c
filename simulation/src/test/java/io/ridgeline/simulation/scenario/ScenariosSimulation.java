package io.ridgeline.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.runner.Mutant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each written-down schedule ends well with all rules, and breaks a promise without the rule that
/// it is for.
class ScenariosSimulation {
    @TestFactory
    Stream<DynamicTest> endWellWithAllRules() {
        return Scenarios.all().stream()
                .map(scenario ->
                        DynamicTest.dynamicTest(
                                scenario.name(),
                                () ->
                                        assertThat(
                                                        scenario.run(Rules.ALL, Set.of(), false)
                                                                .failure())
                                                .isNull()));
    }

    @TestFactory
    Stream<DynamicTest> breakAPromiseWithoutTheirRule() {
        return Mutant.all().stream()
                .flatMap(mutant ->
                        Scenarios.of(mutant.name()).stream()
                                .map(scenario -> without(mutant, scenario)));
    }

    private static DynamicTest without(Mutant mutant, Scenario scenario) {
        return DynamicTest.dynamicTest(
                mutant.name() + " in " + scenario.name(),
                () ->
                        assertThat(scenario.run(mutant.rules(), mutant.broken(), false).failure())
                                .isNotNull());
    }
}
