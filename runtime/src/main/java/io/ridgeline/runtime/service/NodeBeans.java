package io.ridgeline.runtime.service;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.runtime.observe.NodeObserver;
import io.ridgeline.spi.config.ConfigurationException;
import io.smallrye.config.SmallRyeConfig;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/// Makes the node's beans and ties its life to the application's.
@Singleton
final class NodeBeans {
    private static final Logger LOG = Logger.getLogger(NodeBeans.class);

    @Produces
    @Singleton
    Configuration configuration() {
        return Configuration.of(
                ConfigProvider.getConfig().unwrap(SmallRyeConfig.class), System.getenv());
    }

    @Produces
    @Singleton
    Node node(Configuration configuration, MeterRegistry registry) {
        NodeObserver observer = new NodeObserver(registry);
        Node node = new Node(configuration, observer);
        observer.watch(node);
        return node;
    }

    void onStart(@Observes StartupEvent event, Node node) {
        node.start();
        // On a thread of its own: it is the transport's that found out.
        node.onOutvoted(refusal -> Thread.ofPlatform().start(() -> end(node, refusal)));
    }

    private static void end(Node node, ConfigurationException refusal) {
        node.giveUp();
        LOG.errorf("this node ends: %s", refusal.getMessage());
        Quarkus.asyncExit(1);
    }

    void onStop(@Observes ShutdownEvent event, Node node) {
        node.stop();
    }
}
