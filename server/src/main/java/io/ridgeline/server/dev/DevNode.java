package io.ridgeline.server.dev;

import io.ridgeline.runtime.config.Configuration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/// A node of the cluster: where it lives and where it listens.
///
/// @param folder has its configuration, its data and its log
/// @param port for clients
/// @param managementPort for health and metrics
/// @param clusterPort for the other nodes
/// @param more what the user has set for all nodes; kept, since some of it must stay as it was
record DevNode(
        String name,
        Path folder,
        int port,
        int managementPort,
        int clusterPort,
        SortedMap<String, String> more) {
    private static final String MEMBERS = "ridgeline.topology.static.members";
    private static final String FILE = "ridgeline.properties";
    private static final String LISTEN = "ridgeline.transport.libp2p.listen";
    private static final String PORT = "ridgeline.port";
    private static final String MANAGEMENT_PORT = "ridgeline.management-port";

    DevNode {
        more = Collections.unmodifiableSortedMap(new TreeMap<>(more));
    }

    /// {@return whether a node was made there}
    static boolean exists(Path folder) {
        return Files.isRegularFile(folder.resolve(FILE));
    }

    /// {@return the node that was made there}
    static DevNode load(Path folder) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(folder.resolve(FILE))) {
            properties.load(reader);
        }
        String listen = properties.getProperty(LISTEN, "");
        SortedMap<String, String> more = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> more.put(key, properties.getProperty(key)));
        more.remove(MEMBERS);
        try {
            DevNode node =
                    new DevNode(
                            folder.getFileName().toString(),
                            folder,
                            Integer.parseInt(properties.getProperty(PORT, "")),
                            Integer.parseInt(properties.getProperty(MANAGEMENT_PORT, "")),
                            Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1)),
                            Collections.emptySortedMap());
            more.keySet().removeAll(node.settings().keySet());
            return node.with(more);
        } catch (NumberFormatException e) {
            throw new IOException(folder.resolve(FILE) + " does not say where the node listens", e);
        }
    }

    /// {@return the same with other settings of the user's}
    DevNode with(SortedMap<String, String> other) {
        return new DevNode(name, folder, port, managementPort, clusterPort, other);
    }

    Path data() {
        return folder.resolve("data");
    }

    Path log() {
        return folder.resolve("log");
    }

    Path config() {
        return folder.resolve(FILE);
    }

    /// {@return the node's configuration but for the members of its cluster}
    SortedMap<String, String> settings() {
        SortedMap<String, String> settings = new TreeMap<>(more);
        settings.put("ridgeline.node", name);
        settings.put("ridgeline.data", data().toString());
        settings.put("ridgeline.host", "127.0.0.1");
        settings.put(PORT, Integer.toString(port));
        settings.put(MANAGEMENT_PORT, Integer.toString(managementPort));
        settings.put("ridgeline.transport.type", "libp2p");
        settings.put(LISTEN, "127.0.0.1:" + clusterPort);
        return settings;
    }

    /// Writes the configuration, with which the node can be started by hand, too.
    ///
    /// @param members the nodes of the cluster
    void save(String members) throws IOException {
        SortedMap<String, String> settings = settings();
        settings.put(MEMBERS, members);
        StringBuilder text =
                new StringBuilder("# Made by ridgeline dev, anew at each start. By hand:\n")
                        .append("# ridgeline start --config ")
                        .append(config())
                        .append('\n');
        settings.forEach((key, value) ->
                text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Files.createDirectories(folder);
        Files.writeString(config(), text, StandardCharsets.UTF_8);
    }

    /// Starts a process for it.
    ///
    /// @param ridgeline the script, or a native executable
    Process start(Path ridgeline) {
        ProcessBuilder builder =
                new ProcessBuilder(
                        ridgeline.toString(), "start", "--json", "--config", config().toString());
        withoutOwnSettings(builder.environment());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot start a node: " + e.getMessage(), e);
        }
    }

    /// Variables come before files; the shell's must not give all nodes the same port.
    private void withoutOwnSettings(Map<String, String> environment) {
        settings().keySet().forEach(key -> environment.remove(Configuration.variable(key)));
    }
}
