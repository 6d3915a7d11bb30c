package io.ridgeline.simulation.runner;

import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.trace.Coverage;
import io.ridgeline.simulation.trace.Trace;
import org.jspecify.annotations.Nullable;

/// How a run ended.
///
/// @param simulatedNanos virtual time
/// @param steps events of the queue
/// @param hash of the trace
/// @param failure what was violated, or null
public record RunResult(
        SimPlan plan,
        long simulatedNanos,
        long steps,
        long hash,
        Coverage coverage,
        Trace trace,
        @Nullable Throwable failure) {}
