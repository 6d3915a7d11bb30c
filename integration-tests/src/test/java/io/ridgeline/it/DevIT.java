package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Cli;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `ridgeline dev` and `ridgeline identity`, as processes, by their JSON and exit codes.
class DevIT {
    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder = Checkout.folder(DevIT.class, "dev");

    @Test
    void runsThreeNodesRestartsOneThatDiedStopsThemAllAndResumes() throws Exception {
        List<JsonNode> nodes;
        try (Command.Running dev = dev("--base-port", "0", "-Dridgeline.partitions=4").start()) {
            nodes = ready(dev);
            assertThat(nodes)
                    .extracting(node -> node.get("node").asText())
                    .containsExactly("n1", "n2", "n3");
            for (JsonNode node : nodes) {
                long pid = node.get("pid").asLong();
                assertThat(commandLine(pid))
                        .as("the node's own process")
                        .contains("server/target/ridgeline-server");
                assertThat(Files.size(Path.of(node.get("log").asText()))).isPositive();
                assertThat(Path.of(node.get("data").asText())).isDirectory();
            }
            Cli second = new Cli(folder, nodes.get(1).get("port").asInt());
            second.json("append", "s", "--type", "T", "--expect", "none");

            JsonNode refused = error(dev("--base-port", "0").run());
            assertThat(refused.get("message").asText()).contains("runs in", "already");

            kill(nodes.getFirst());
            await("the report of a death")
                    .atMost(START)
                    .until(() -> lines(dev).stream().anyMatch(line -> line.has("died")));
            second.json("append", "s", "--type", "T", "--expect", "0");
            JsonNode again = restart("n1").json();
            assertThat(again.get("node").asText()).isEqualTo("n1");
            assertThat(again.get("port")).isEqualTo(nodes.getFirst().get("port"));
            assertThat(error(restart("n9")).get("message").asText()).contains("n1, n2, n3");
            assertThat(error(restart()).get("message").asText()).contains("no node has died");
            kill(again);
            await("another report of a death")
                    .atMost(START)
                    .until(() -> lines(dev).stream().filter(line -> line.has("died")).count() == 2);
            assertThat(restart().json().get("node").asText()).isEqualTo("n1");

            dev.terminate();
            assertThat(dev.await(Duration.ofSeconds(60)).exit()).as("SIGTERM").isZero();
            assertThat(nodes).allMatch(node -> !alive(node.get("pid").asLong()));
        }
        assertThat(error(restart("n1")).get("message").asText()).contains("no cluster runs");
        assertThat(error(dev("--nodes", "4").run()).get("message").asText())
                .contains("has 3 nodes");

        try (Command.Running dev = dev().start()) {
            List<JsonNode> resumed = ready(dev);
            assertThat(resumed)
                    .extracting(node -> node.get("port").asInt())
                    .isEqualTo(nodes.stream().map(node -> node.get("port").asInt()).toList());
            Cli third = new Cli(folder, resumed.get(2).get("port").asInt());
            await("both events on the third node")
                    .atMost(START)
                    .until(() -> third.lines("read", "--stream", "s").size() == 2);
            dev.terminate();
            assertThat(dev.await(Duration.ofSeconds(60)).exit()).as("SIGTERM").isZero();
        }
    }

    @Test
    void aNodeThatCannotStartEndsTheClusterAndSaysWhy() {
        Outcome outcome = dev("--base-port", "0", "-Dridgeline.timings.write-timeout=0s").run();

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err()).contains("write-timeout");
    }

    @Test
    void argumentsThatMakeNoSenseAreRefused() {
        assertThat(dev("--nodes", "many").run().exit()).isEqualTo(2);
    }

    @Test
    void anIdentityIsMadeOnceAndShown() {
        Path data = folder.resolve("identity");
        JsonNode none = error(identity("show", data));
        assertThat(none.get("message").asText()).contains("ridgeline identity create");

        JsonNode created = identity("create", data).json();

        assertThat(created.get("peerId").asText()).startsWith("12D3KooW");
        assertThat(created.get("multiaddr").asText())
                .endsWith("/tcp/4001/p2p/" + created.get("peerId").asText());
        assertThat(identity("show", data).json()).isEqualTo(created);
        assertThat(error(identity("create", data)).get("message").asText())
                .contains("exists already");
    }

    private Outcome identity(String what, Path data) {
        return Command.ridgeline(folder, "identity", what, "--json", "--data", data.toString())
                .run();
    }

    private Command dev(String... options) {
        List<String> arguments = new ArrayList<>(List.of("dev", "--json", "--data", "c"));
        arguments.addAll(List.of(options));
        return Command.ridgeline(folder, arguments.toArray(String[]::new));
    }

    private Outcome restart(String... node) {
        List<String> arguments = new ArrayList<>(List.of("dev", "restart"));
        arguments.addAll(List.of(node));
        arguments.addAll(List.of("--json", "--data", "c"));
        return Command.ridgeline(folder, arguments.toArray(String[]::new)).run();
    }

    private static JsonNode error(Outcome outcome) {
        assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
        return outcome.error();
    }

    private static List<JsonNode> ready(Command.Running dev) {
        await("a ready cluster")
                .atMost(START)
                .until(() -> {
                    assertThat(dev.process().isAlive()).as(dev.err()).isTrue();
                    return lines(dev).stream().anyMatch(line -> line.has("ready"));
                });
        return lines(dev).stream().filter(line -> line.has("pid")).toList();
    }

    private static List<JsonNode> lines(Command.Running dev) {
        String out = dev.out();
        return out.substring(0, out.lastIndexOf('\n') + 1).lines().map(Outcome::parse).toList();
    }

    private static void kill(JsonNode node) {
        ProcessHandle.of(node.get("pid").asLong()).orElseThrow().destroyForcibly();
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static String commandLine(long pid) throws java.io.IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ');
    }
}
