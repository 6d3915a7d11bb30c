package io.ridgeline.server.dev;

import io.ridgeline.server.Json;
import java.nio.file.Path;
import java.util.List;

/// What `ridgeline dev` says on standard output. Any thread may call it.
final class DevOutput {
    private static final String ROW = "  %-6s %-8s %-16s %-16s %-16s %s%n";

    private final boolean json;
    private final Path folder;

    /// @param folder of the cluster, as the user wrote it
    DevOutput(boolean json, Path folder) {
        this.json = json;
        this.folder = folder;
    }

    /// A node's process runs, whether or not the node is ready yet.
    synchronized void started(DevNode node, long pid) {
        if (json) {
            System.out.println(
                    new Json()
                            .put("node", node.name())
                            .put("pid", pid)
                            .put("port", node.port())
                            .put("managementPort", node.managementPort())
                            .put("clusterPort", node.clusterPort())
                            .put("data", node.data().toString())
                            .put("log", node.log().toString()));
        }
    }

    /// All nodes are ready.
    synchronized void ready(List<Supervisor.Started> nodes) {
        if (json) {
            System.out.println(new Json().put("ready", true));
            return;
        }
        System.out.printf("A cluster of %d nodes is ready.%n%n", nodes.size());
        System.out.printf(ROW, "NODE", "PID", "CLIENTS", "HEALTH", "CLUSTER", "LOG");
        for (Supervisor.Started each : nodes) {
            DevNode node = each.node();
            System.out.printf(
                    ROW,
                    node.name(),
                    each.process().pid(),
                    "localhost:" + node.port(),
                    "localhost:" + node.managementPort(),
                    "localhost:" + node.clusterPort(),
                    node.log());
        }
        List<String> servers =
                nodes.stream().map(each -> "localhost:" + each.node().port()).toList();
        System.out.printf(
                "%nFor commands in another terminal:%n  export RIDGELINE_SERVER=%s%n%n"
                        + "Ctrl-C stops all of them.%n",
                String.join(",", servers));
    }

    /// A node's process ended, and nobody had asked it to.
    synchronized void died(DevNode node, long pid, int exit) {
        if (json) {
            System.out.println(
                    new Json()
                            .put("node", node.name())
                            .put("pid", pid)
                            .put("died", true)
                            .put("exit", exit));
            return;
        }
        System.out.printf(
                "%s (pid %d) died with exit code %d (log: %s). Start it again with:%n"
                        + "  ridgeline dev restart %s --data %s%n",
                node.name(), pid, exit, node.log(), node.name(), folder);
    }

    /// A node was started again and is ready.
    synchronized void restarted(DevNode node, long pid) {
        if (json) {
            started(node, pid);
        } else {
            System.out.printf("%s is ready again (pid %d).%n", node.name(), pid);
        }
    }
}
