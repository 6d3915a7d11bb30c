package io.ridgeline.server.dev;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The folder of a cluster: a folder a node, named like it.
final class DevFolder {
    private static final int NODES = 3;
    private static final int BASE_PORT = 8080;
    private static final int PORT_STEP = 10;

    private final DevLine line;
    private final Path folder;

    /// @param folder absolute
    DevFolder(DevLine line, Path folder) {
        this.line = line;
        this.folder = folder;
    }

    /// Makes the nodes that the arguments ask for, or takes those that are there, and writes the
    /// configuration of each.
    ///
    /// @throws ConfigurationException if something else is there than is asked for
    List<DevNode> prepare() throws IOException {
        List<DevNode> found = existing();
        int wanted = line.nodes().orElse(found.isEmpty() ? NODES : found.size());
        if (!found.isEmpty() && wanted != found.size()) {
            throw new ConfigurationException(
                    "--nodes %d: the cluster in %s has %d nodes; name another folder with --data"
                            .formatted(wanted, folder, found.size()));
        }
        SortedMap<String, String> more = new TreeMap<>();
        if (!found.isEmpty()) {
            more.putAll(found.getFirst().more());
        }
        more.putAll(line.settings());
        List<DevNode> nodes = placed(found, wanted).stream().map(node -> node.with(more)).toList();
        List<String> members = new ArrayList<>();
        for (DevNode node : nodes) {
            TransportIdentity identity = identity(node);
            members.add(
                    node.name()
                            + "="
                            + identity.addresses().getFirst()
                            + "#"
                            + identity.identity());
        }
        for (DevNode node : nodes) {
            node.save(String.join(",", members));
        }
        return nodes;
    }

    private List<DevNode> existing() throws IOException {
        List<DevNode> found = new ArrayList<>();
        for (int i = 1; DevNode.exists(folder.resolve("n" + i)); i++) {
            found.add(DevNode.load(folder.resolve("n" + i)));
        }
        return found;
    }

    private List<DevNode> placed(List<DevNode> found, int wanted) throws IOException {
        if (!found.isEmpty() && line.basePort().isEmpty()) {
            return found;
        }
        int base = line.basePort().orElse(BASE_PORT);
        List<Integer> ports = base == 0 ? freePorts(3 * wanted) : List.of();
        List<DevNode> nodes = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            String name = "n" + (i + 1);
            int first = base + i * PORT_STEP;
            List<Integer> own =
                    base == 0
                            ? ports.subList(3 * i, 3 * i + 3)
                            : List.of(first, first + 1, first + 2);
            nodes.add(
                    new DevNode(
                            name,
                            folder.resolve(name),
                            own.get(0),
                            own.get(1),
                            own.get(2),
                            Collections.emptySortedMap()));
        }
        return nodes;
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < count) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /// What peers know a node by has to be settled before the first of them starts.
    private TransportIdentity identity(DevNode node) throws IOException {
        Files.createDirectories(node.data());
        Configuration configuration =
                Configuration.of(
                        new SmallRyeConfigBuilder()
                                .withSources(
                                        new PropertiesConfigSource(
                                                node.settings(), "command line", 400))
                                .build(),
                        Map.of());
        TransportProvider transport =
                configuration.selected(ProviderKind.TRANSPORT, TransportProvider.class);
        return transport
                .identity(configuration.context(ProviderKind.TRANSPORT))
                .orElseGet(() ->
                        transport.createIdentity(configuration.context(ProviderKind.TRANSPORT)));
    }
}
