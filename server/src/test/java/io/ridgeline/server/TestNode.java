package io.ridgeline.server;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.ridgeline.spi.tck.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;

/// Gives the node under test a data folder of its own, and tests a way to it.
public final class TestNode implements QuarkusTestResourceLifecycleManager {
    private Path data = Path.of("target");

    @Override
    public Map<String, String> start() {
        try {
            data = Files.createTempDirectory("ridgeline-server-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of(
                "ridgeline.data", data.toString(),
                "quarkus.grpc.server.test-port", Integer.toString(Ports.tcp()),
                "ridgeline.partitions", "4",
                "ridgeline.limits.event-bytes", "4K",
                "ridgeline.limits.transaction-bytes", "16K",
                "ridgeline.limits.transaction-events", "20",
                "ridgeline.limits.subscriptions", "50",
                "ridgeline.reads.page-bytes", "8K",
                "ridgeline.reads.checkpoint-interval", "200ms",
                "quarkus.grpc.server.max-inbound-message-size", "65536");
    }

    @Override
    public void stop() {
        try (var files = Files.walk(data)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    }

    static int managementPort() {
        return ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
    }

    static ManagedChannel channel() {
        return ManagedChannelBuilder.forAddress("127.0.0.1", port()).usePlaintext().build();
    }
}
