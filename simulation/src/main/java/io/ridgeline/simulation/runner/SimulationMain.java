package io.ridgeline.simulation.runner;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.runner.Options.UsageException;
import io.ridgeline.simulation.scenario.Scenario;
import io.ridgeline.simulation.scenario.Scenarios;
import io.ridgeline.simulation.trace.Story;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// What `simulation/run` starts. Exit codes: 0 nothing was violated, or every mutant was found; 1
/// otherwise; 2 usage.
public final class SimulationMain {
    private static final int STORY_LINES = 250;
    private static final long STUCK_NANOS = 30_000_000_000L;
    private static final int MUTANT_SEEDS = 3_000;

    private final Options options;
    private final PrintStream out;
    private final PrintStream err;

    SimulationMain(Options options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) throws InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, out, err));
    }

    /// {@return the exit code}
    static int run(String[] arguments, PrintStream out, PrintStream err)
            throws InterruptedException {
        try {
            SimulationMain main = new SimulationMain(Options.parse(arguments), out, err);
            return main.run() ? 0 : 1;
        } catch (UsageException e) {
            err.println(e.getMessage());
            err.print(Options.USAGE);
            return 2;
        }
    }

    private boolean run() throws InterruptedException, UsageException {
        if (options.mutants()) {
            return runMutants();
        }
        if (options.scenarios()) {
            return runScenarios();
        }
        @Nullable Long seed = options.seed();
        return seed == null ? runMany() : runOne(seed);
    }

    private boolean runScenarios() throws UsageException {
        boolean all = true;
        if (options.mutant() != null) {
            Mutant mutant = mutants().getFirst();
            for (Scenario scenario : Scenarios.of(mutant.name())) {
                RunResult result = scenario.run(mutant.rules(), mutant.broken(), true);
                out.print(Story.text(result.trace().lines(), Integer.MAX_VALUE));
                out.printf("%s: %s%n", scenario.name(), result.failure());
            }
            return true;
        }
        for (Scenario scenario : Scenarios.all()) {
            RunResult result = scenario.run(Rules.ALL, Set.of(), options.story());
            boolean well = result.failure() == null;
            if (options.story()) {
                out.print(Story.text(result.trace().lines(), Integer.MAX_VALUE));
            }
            out.printf("%-8s %s%n", well ? "ok" : "FAILED", scenario.name());
            if (!well) {
                out.printf("         %s%n", result.failure());
            }
            for (Mutant mutant : Mutant.all()) {
                if (scenario.rules().contains(mutant.name())) {
                    @Nullable Throwable failure =
                            scenario.run(mutant.rules(), mutant.broken(), false).failure();
                    out.printf("    without %-28s %s%n", mutant.name(), failure);
                    well &= failure != null;
                }
            }
            all &= well;
        }
        return all;
    }

    private List<Mutant> mutants() throws UsageException {
        @Nullable String name = options.mutant();
        if (name == null) {
            return Mutant.all();
        }
        for (Mutant mutant : Mutant.all()) {
            if (mutant.name().equals(name)) {
                return List.of(mutant);
            }
        }
        throw new UsageException(
                "no mutant "
                        + name
                        + "; there are "
                        + Mutant.all().stream().map(Mutant::name).toList());
    }

    private boolean runMutants() throws InterruptedException, UsageException {
        int seeds = options.seeds() > 0 ? (int) options.seeds() : MUTANT_SEEDS;
        return new MutantRunner(seeds, this::report).run(mutants(), options.jobs());
    }

    private void report(MutantRunner.Verdict verdict) {
        if (options.json()) {
            out.printf(
                    "{\"mutant\":\"%s\",\"killed\":%b,\"seeds\":%d,\"steps\":%d,\"by\":\"%s\","
                            + "\"promise\":\"%s\"}%n",
                    verdict.mutant(),
                    verdict.killed(),
                    verdict.seeds(),
                    verdict.steps(),
                    verdict.by(),
                    verdict.promise());
        } else {
            out.printf(
                    "%-34s %-8s %-34s %9d steps  %s%n",
                    verdict.mutant(),
                    verdict.killed() ? "found" : "MISSED",
                    verdict.by(),
                    verdict.steps(),
                    verdict.promise());
        }
    }

    private boolean runOne(long seed) throws UsageException {
        long begin = System.nanoTime();
        Mutant mutant =
                options.mutant() == null
                        ? new Mutant("none", Rules.ALL, Set.of())
                        : mutants().getFirst();
        RunResult result =
                Simulation.run(
                        Swarm.plan(seed, options.file()),
                        mutant.rules(),
                        mutant.broken(),
                        options.story());
        if (options.story()) {
            out.print(Story.text(result.trace().lines(), Integer.MAX_VALUE));
        }
        SeedRunner totals = new SeedRunner(options.file(), failed -> {});
        totals.add(seed, result);
        if (result.failure() != null) {
            explain(result, mutant);
        }
        summary(totals, 1, System.nanoTime() - begin, List.of());
        return result.failure() == null;
    }

    private boolean runMany() throws InterruptedException {
        long begin = System.nanoTime();
        @Nullable Long given = options.from();
        long from = given == null ? new SecureRandom().nextInt(1, Integer.MAX_VALUE) : given;
        SeedRunner runner =
                new SeedRunner(
                        options.file(),
                        result -> explain(result, new Mutant("none", Rules.ALL, Set.of())));
        long end = begin + (long) (options.minutes() * 60e9);
        long last = from + options.seeds();
        err.printf("seeds from %d on, %d jobs%n", from, options.jobs());
        runner.watch(STUCK_NANOS, this::onStuck);
        runner.run(
                from,
                options.jobs(),
                () ->
                        options.seeds() > 0
                                ? runner.seeds() >= last - from
                                : System.nanoTime() >= end);
        List<String> missing =
                runner.seeds() >= RequiredCoverage.SEEDS && !options.file()
                        ? RequiredCoverage.missing(runner.coverage())
                        : List.of();
        for (String event : missing) {
            err.printf("never happened: %s%n", event);
        }
        summary(runner, runner.seeds(), System.nanoTime() - begin, missing);
        return runner.violations() == 0 && missing.isEmpty();
    }

    private void onStuck(long seed, Thread thread) {
        err.printf("seed %d never ends:%n", seed);
        for (StackTraceElement frame : thread.getStackTrace()) {
            err.println("    at " + frame);
        }
        Runtime.getRuntime().halt(1);
    }

    private void explain(RunResult result, Mutant mutant) {
        RunResult failing = result;
        if (options.shrink()) {
            failing =
                    new Shrinker(
                                    result,
                                    plan ->
                                            Simulation.run(
                                                    plan, mutant.rules(), mutant.broken(), false))
                            .shrink();
            RunResult told = Simulation.run(failing.plan(), mutant.rules(), mutant.broken(), true);
            err.print(Story.text(told.trace().lines(), STORY_LINES));
            err.println(Story.mermaid(told.trace().lines(), STORY_LINES / 3));
        }
        err.printf("seed %d violates %s%n", result.plan().seed(), failing.failure());
        @Nullable Throwable failure = failing.failure();
        if (failure != null && options.seed() != null) {
            failure.printStackTrace(err);
        }
        err.printf(
                "  %d nodes, replicas %s, W %d, %d clients with %d appends, %s%n",
                failing.plan().nodes(),
                failing.plan().replicas(),
                failing.plan().writeQuorum(),
                failing.plan().clients(),
                failing.plan().appendsPerClient(),
                failing.plan().network());
        failing.plan().faults().forEach(fault -> err.println("  " + fault));
        err.printf("  again: simulation/run --seed %d --shrink%n", result.plan().seed());
    }

    private void summary(SeedRunner totals, long seeds, long wallNanos, List<String> missing) {
        double simulated = totals.simulatedNanos() / 1e9;
        double wall = wallNanos / 1e9;
        if (options.json()) {
            StringJoiner coverage = new StringJoiner(",", "{", "}");
            coverage.add("\"takeovers\":" + totals.coverage().of("EpochConfirmed"));
            for (Map.Entry<String, Long> each : totals.coverage().counts().entrySet()) {
                coverage.add("\"" + each.getKey() + "\":" + each.getValue());
            }
            out.printf(
                    "{\"seeds\":%d,\"simulatedSeconds\":%.3f,\"wallSeconds\":%.3f,"
                            + "\"violations\":%d,\"failed\":%s,\"missing\":%d,\"coverage\":%s,"
                            + "\"hash\":\"%016x\"}%n",
                    seeds,
                    simulated,
                    wall,
                    totals.violations(),
                    totals.failed(),
                    missing.size(),
                    coverage,
                    totals.hash());
            return;
        }
        for (Map.Entry<String, Long> each : totals.coverage().counts().entrySet()) {
            out.printf("%12d  %s%n", each.getValue(), each.getKey());
        }
        out.printf(
                "%d seeds, %d violations, %.1f simulated seconds in %.1f s (%.0f per second), "
                        + "%d events, hash %016x%n",
                seeds,
                totals.violations(),
                simulated,
                wall,
                simulated / wall,
                totals.steps(),
                totals.hash());
    }
}
