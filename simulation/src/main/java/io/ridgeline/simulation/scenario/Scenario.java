package io.ridgeline.simulation.scenario;

import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.disk.DiskRule;
import io.ridgeline.simulation.plan.Syncs;
import io.ridgeline.simulation.runner.RunResult;
import io.ridgeline.simulation.runner.Simulation;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// A schedule that is written down. With all rules it ends well; without one of those that it is
/// for, a promise is broken.
///
/// @param name of the finding in the protocol review, and what happens
/// @param rules names of the rules without which it fails
/// @param setup the cluster
/// @param script what happens
public record Scenario(String name, List<String> rules, Setup setup, Consumer<Director> script) {
    public Scenario {
        rules = List.copyOf(rules);
    }

    /// The cluster of a scenario.
    ///
    /// @param nodes all of them replicas of every partition
    /// @param writeQuorum 0 for a majority
    /// @param syncs what happens while a sync runs
    /// @param smallLimits whether windows, buffers and digests are tiny
    /// @param partitions scripts are about the first one, unless they say otherwise
    public record Setup(
            int nodes, int writeQuorum, Syncs syncs, boolean smallLimits, int partitions) {
        Setup(int nodes) {
            this(nodes, 0, Syncs.BLOCKING);
        }

        Setup(int nodes, int writeQuorum, Syncs syncs) {
            this(nodes, writeQuorum, syncs, false);
        }

        Setup(int nodes, int writeQuorum, Syncs syncs, boolean smallLimits) {
            this(nodes, writeQuorum, syncs, smallLimits, 1);
        }
    }

    /// {@return how it ends}
    ///
    /// @param broken what the disks do not keep
    /// @param told whether the story is kept
    public RunResult run(Rules rules, Set<DiskRule> broken, boolean told) {
        return Simulation.direct(Director.plan(setup), rules, broken, told, script);
    }
}
