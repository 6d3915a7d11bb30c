package io.ridgeline.simulation.runner;

import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.simulation.plan.Fault;
import io.ridgeline.simulation.plan.SimPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes a failing plan smaller: fewer faults, nodes, partitions, clients and operations, a calmer
/// network, as long as the same promise is broken.
public final class Shrinker {
    private static final int RUNS_MAX = 400;

    private final Function<SimPlan, RunResult> runner;
    private final String kind;
    private RunResult best;
    private int runs;

    /// @param failing how the plan failed
    /// @param runner runs a plan the same way
    public Shrinker(RunResult failing, Function<SimPlan, RunResult> runner) {
        this.best = failing;
        this.runner = runner;
        this.kind = kind(failing);
    }

    private static String kind(RunResult result) {
        @Nullable Throwable failure = result.failure();
        return switch (failure) {
            case null -> "";
            case Violation violation -> violation.promise();
            default -> failure.getClass().getName();
        };
    }

    /// {@return the smallest failing run that was found}
    public RunResult shrink() {
        boolean smaller = true;
        while (smaller && runs < RUNS_MAX) {
            smaller = fewerFaults();
            smaller |= smallerSizes();
        }
        return best;
    }

    private boolean accept(SimPlan plan) {
        if (runs++ >= RUNS_MAX) {
            return false;
        }
        RunResult result = runner.apply(plan);
        if (result.failure() == null || !kind(result).equals(kind)) {
            return false;
        }
        best = result;
        return true;
    }

    private boolean fewerFaults() {
        boolean any = false;
        int chunk = Math.max(1, best.plan().faults().size() / 2);
        while (chunk >= 1 && runs < RUNS_MAX) {
            int at = 0;
            while (at < best.plan().faults().size()) {
                List<Fault> fewer = new ArrayList<>(best.plan().faults());
                fewer.subList(at, Math.min(fewer.size(), at + chunk)).clear();
                if (accept(best.plan().withFaults(fewer))) {
                    any = true;
                } else {
                    at += chunk;
                }
            }
            chunk /= 2;
        }
        return any;
    }

    private boolean smallerSizes() {
        boolean any = false;
        SimPlan plan = best.plan();
        if (plan.replicas().size() > 1) {
            any |= accept(sized(plan.replicas().subList(0, 1), plan.clients(), plan));
        }
        plan = best.plan();
        if (plan.nodes() > 1 && plan.lossDisksMax() == 0 && everyNodeIsReplica(plan)) {
            any |= accept(plan.withNodes(plan.nodes() - 1));
        }
        plan = best.plan();
        if (plan.clients() > 1) {
            any |= accept(sized(plan.replicas(), plan.clients() - 1, plan));
        }
        plan = best.plan();
        if (plan.appendsPerClient() > 1) {
            any |=
                    accept(
                            plan.withSizes(
                                    plan.replicas(),
                                    plan.clients(),
                                    plan.appendsPerClient() / 2,
                                    plan.faultNanos()));
        }
        plan = best.plan();
        if (!plan.network().equals(plan.network().calmed())) {
            any |= accept(plan.withNetwork(plan.network().calmed()));
        }
        plan = best.plan();
        if (plan.faultNanos() > 2_000_000_000L) {
            any |=
                    accept(
                            plan.withSizes(
                                    plan.replicas(),
                                    plan.clients(),
                                    plan.appendsPerClient(),
                                    plan.faultNanos() * 3 / 4));
        }
        return any;
    }

    private static boolean everyNodeIsReplica(SimPlan plan) {
        return plan.replicas().stream().allMatch(members -> members.size() == plan.nodes());
    }

    private static SimPlan sized(List<List<Integer>> replicas, int clients, SimPlan plan) {
        return plan.withSizes(replicas, clients, plan.appendsPerClient(), plan.faultNanos());
    }
}
