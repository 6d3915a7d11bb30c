package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.trace.Story;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
    private static final Rules BROKEN = Rules.without(Rule.WRITE_QUORUM);

    private static RunResult run(SimPlan plan) {
        return Simulation.run(plan, BROKEN, Set.of(), false);
    }

    private static String promise(RunResult result) {
        return result.failure() instanceof Violation violation ? violation.promise() : "none";
    }

    @Test
    void aSmallerPlanBreaksTheSamePromise() {
        RunResult failing =
                LongStream.range(1, 500)
                        .mapToObj(seed -> run(Swarm.plan(seed)))
                        .filter(result ->
                                result.failure() instanceof Violation
                                        && result.plan().faults().size() > 3)
                        .findFirst()
                        .orElseThrow();

        RunResult small = new Shrinker(failing, ShrinkerTest::run).shrink();

        assertThat(promise(small)).isEqualTo(promise(failing));
        assertThat(small.plan().faults()).hasSizeLessThan(failing.plan().faults().size());

        RunResult told = Simulation.run(small.plan(), BROKEN, Set.of(), true);
        assertThat(Story.mermaid(told.trace().lines(), 50)).startsWith("sequenceDiagram\n");
        assertThat(Story.text(told.trace().lines(), 50)).contains("n0");
    }
}
