package io.ridgeline.server;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.ridgeline.runtime.node.Node;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;

/// Runs once the node has started: says that it is ready, and waits for its end.
public final class NodeApplication implements QuarkusApplication {
    private static final long READY_POLL_MILLIS = 5;

    /// Set before the application is made; it has no other way to learn of it.
    private static volatile boolean json;

    private final Node node;

    NodeApplication(Node node) {
        this.node = node;
    }

    static void json(boolean wanted) {
        json = wanted;
    }

    @Override
    public int run(String... args) throws Exception {
        // Replicas elsewhere may take their time; until then health says that it is not ready.
        while (!node.isReady() && node.isAlive() && !node.hasGivenUp() && !node.isStopping()) {
            TimeUnit.MILLISECONDS.sleep(READY_POLL_MILLIS);
        }
        if (node.hasGivenUp()) {
            return 1;
        }
        if (node.isStopping()) {
            // A signal came first.
            return 0;
        }
        int port = node.configuration().values().port();
        int managementPort = port("quarkus.management.port");
        String name = node.configuration().values().node();
        String host = node.configuration().values().host();
        if (json) {
            System.out.println(
                    new Json()
                            .put("ready", true)
                            .put("node", name)
                            .put("port", port)
                            .put("managementPort", managementPort));
        } else {
            Path data = node.configuration().dataFolder().toAbsolutePath().normalize();
            System.out.println("Ridgeline node " + name + " is ready.");
            System.out.println("  clients      " + host + ":" + port + " (gRPC)");
            System.out.println(
                    "  health       http://" + host + ":" + managementPort + "/q/health");
            System.out.println(
                    "  metrics      http://" + host + ":" + managementPort + "/q/metrics");
            System.out.println("  data         " + data);
        }
        Quarkus.waitForExit();
        return node.hasGivenUp() ? 1 : 0;
    }

    private static int port(String key) {
        return ConfigProvider.getConfig().getValue(key, Integer.class);
    }
}
