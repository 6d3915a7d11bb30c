package io.ridgeline.runtime.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.observe.NodeObserver;
import io.smallrye.config.SmallRyeConfig;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.ConfigProvider;

/// Makes the node's beans and ties its life to the application's.
@Singleton
final class NodeBeans {

    @Produces
    @Singleton
    Configuration configuration() {
        return Configuration.of(
                ConfigProvider.getConfig().unwrap(SmallRyeConfig.class), System.getenv());
    }

    @Produces
    @Singleton
    Node node(Configuration configuration, MeterRegistry registry) {
        return new Node(configuration, new NodeObserver(registry));
    }

    void onStart(@Observes StartupEvent event, Node node) {
        node.start();
    }

    void onStop(@Observes ShutdownEvent event, Node node) {
        node.stop();
    }
}
