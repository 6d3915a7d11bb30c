package io.ridgeline.simulation.scenario;

import java.util.ArrayList;
import java.util.List;

/// All written-down schedules.
public final class Scenarios {
    private Scenarios() {}

    /// {@return all of them}
    public static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>(MemoryScenarios.all());
        all.addAll(TakeoverScenarios.all());
        all.addAll(MessageScenarios.all());
        return all;
    }

    /// {@return those that are for a rule}
    public static List<Scenario> of(String rule) {
        return all().stream().filter(scenario -> scenario.rules().contains(rule)).toList();
    }
}
