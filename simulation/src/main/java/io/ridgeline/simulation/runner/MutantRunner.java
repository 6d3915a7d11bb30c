package io.ridgeline.simulation.runner;

import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.scenario.Scenario;
import io.ridgeline.simulation.scenario.Scenarios;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Looks for a run that finds each mutant: standard seeds first, then the directed scenarios.
public final class MutantRunner {
    /// What became of a mutant.
    ///
    /// @param by the seed or scenario that found it; empty if none did
    /// @param seeds how many were tried
    /// @param steps events until it was found
    /// @param promise what it broke
    public record Verdict(
            String mutant, boolean killed, String by, int seeds, long steps, String promise) {}

    private final int seedsMax;
    private final Consumer<Verdict> onVerdict;

    public MutantRunner(int seedsMax, Consumer<Verdict> onVerdict) {
        this.seedsMax = seedsMax;
        this.onVerdict = onVerdict;
    }

    /// {@return whether all were found}
    public boolean run(List<Mutant> mutants, int jobs) throws InterruptedException {
        ConcurrentLinkedQueue<Mutant> waiting = new ConcurrentLinkedQueue<>(mutants);
        AtomicBoolean all = new AtomicBoolean(true);
        Thread[] threads = new Thread[jobs];
        for (int i = 0; i < jobs; i++) {
            threads[i] =
                    new Thread(
                            () -> {
                                @Nullable Mutant mutant = waiting.poll();
                                while (mutant != null) {
                                    Verdict verdict = judge(mutant);
                                    synchronized (this) {
                                        onVerdict.accept(verdict);
                                    }
                                    if (!verdict.killed()) {
                                        all.set(false);
                                    }
                                    mutant = waiting.poll();
                                }
                            },
                            "mutants-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all.get();
    }

    /// {@return what becomes of a mutant}
    public Verdict judge(Mutant mutant) {
        long steps = 0;
        for (Scenario scenario : Scenarios.of(mutant.name())) {
            RunResult result = scenario.run(mutant.rules(), mutant.broken(), false);
            steps += result.steps();
            if (result.failure() != null) {
                return new Verdict(mutant.name(), true, scenario.name(), 0, steps, promise(result));
            }
        }
        for (int seed = 1; seed <= seedsMax; seed++) {
            RunResult result =
                    Simulation.run(Swarm.plan(seed), mutant.rules(), mutant.broken(), false);
            steps += result.steps();
            if (result.failure() != null) {
                return new Verdict(
                        mutant.name(), true, "seed " + seed, seed, steps, promise(result));
            }
        }
        return new Verdict(mutant.name(), false, "", seedsMax, steps, "");
    }

    private static String promise(RunResult result) {
        @Nullable Throwable failure = result.failure();
        return switch (failure) {
            case null -> "";
            case Violation violation -> violation.promise();
            default -> failure.getClass().getSimpleName();
        };
    }
}
