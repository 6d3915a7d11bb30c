package io.ridgeline.runtime.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.ridgeline.runtime.remote.Target;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.Locale;

/// Shows what becomes of requests to another node as metrics: a few for each node, whatever the
/// number of partitions. Which partition it was is in the log.
final class TargetMeters {
    private TargetMeters() {}

    static void register(Target target, MeterRegistry registry) {
        Tags node = Tags.of("node", target.node().name());
        for (Target.Kind kind : Target.Kind.values()) {
            for (Target.Outcome outcome : Target.Outcome.values()) {
                FunctionCounter.builder(
                                "ridgeline.remote.requests",
                                target,
                                each -> each.count(kind, outcome))
                        .description("Requests sent on to another node, and how they ended")
                        .tags(node.and("kind", lower(kind), "outcome", lower(outcome)))
                        .register(registry);
            }
        }
        Gauge.builder("ridgeline.remote.pending", target, Target::pendingAppends)
                .description("Appends that another node was sent and has not answered")
                .tags(node)
                .strongReference(true)
                .register(registry);
        for (CircuitBreakerState state : CircuitBreakerState.values()) {
            Gauge.builder("ridgeline.remote.circuits", target, each -> each.circuits(state))
                    .description("Circuit breakers to another node, one a partition, by state")
                    .tags(node.and("state", lower(state)))
                    .strongReference(true)
                    .register(registry);
        }
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
