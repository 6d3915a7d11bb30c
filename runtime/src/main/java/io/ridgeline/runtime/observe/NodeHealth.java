package io.ridgeline.runtime.observe;

import io.ridgeline.runtime.node.Node;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/// What orchestrators ask: started once recovery is done, ready while every partition has a
/// coordinator, live unless only a restart would help.
@Singleton
final class NodeHealth {
    private final Node node;

    NodeHealth(Node node) {
        this.node = node;
    }

    @Produces
    @Singleton
    @Startup
    HealthCheck started() {
        return () -> response("recovered", node.partitions() != null);
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck ready() {
        return () -> response("coordinated", node.isReady());
    }

    @Produces
    @Singleton
    @Liveness
    HealthCheck live() {
        return () -> response("buckets", node.isAlive());
    }

    private static HealthCheckResponse response(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
