package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Cli;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Starting and stopping a node, and the commands that need none.
class LifecycleIT {
    private Path folder;
    private Node.Plan plan;

    @BeforeEach
    void emptyFolder() {
        folder = Checkout.folder(LifecycleIT.class, "node");
        plan = Node.on(folder.resolve("data"));
    }

    @Test
    void theScriptStartsANodeThatSignalsReach() {
        try (Command.Running script =
                Command.ridgeline(
                                folder,
                                "start",
                                "--json",
                                "--data",
                                folder.resolve("data").toString(),
                                "--port",
                                "0",
                                "--management-port",
                                "0",
                                "--node",
                                "alpha")
                        .start()) {
            Awaitility.await("a ready node")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> script.out().contains("\n"));
            JsonNode ready = Outcome.parse(script.out());
            assertThat(ready.get("ready").asBoolean()).isTrue();
            assertThat(ready.get("node").asText()).isEqualTo("alpha");
            assertThat(ready.get("managementPort").asInt()).isPositive();
            assertThat(
                            new Cli(folder, ready.get("port").asInt())
                                    .json("status")
                                    .get("node")
                                    .asText())
                    .isEqualTo("alpha");
            script.terminate();
            Outcome outcome = script.await(Duration.ofSeconds(30));
            assertThat(outcome.exit()).as("%s", outcome).isZero();
            assertThat(outcome.out().lines()).as("standard output is for the one line").hasSize(1);
        }
    }

    /// Without it, every start takes twice the CPU; nothing else would tell.
    @ParameterizedTest
    @ValueSource(strings = {"server/target/ridgeline-server.aot", "cli/target/ridgeline-cli.aot"})
    void theFirstCommandMakesTheCachesOfTheOthers(String cache) throws IOException {
        assertThat(Command.ridgeline(folder, "config", "show").run().exit()).isZero();
        assertThat(Files.size(Checkout.root().resolve(cache)))
                .as("see target/ridgeline-train.log")
                .isGreaterThan(10_000_000);
    }

    @Test
    void aSignalEndsTheRunThatMakesTheCaches() throws IOException {
        assumeFalse(Checkout.isNative(), "only a JVM has caches");
        Path home = untrainedHome();
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        try (Command.Running first =
                Command.of(folder, home.resolve("ridgeline").toString(), "config", "show")
                        .with("TMPDIR", temporary.toString())
                        .start()) {
            Awaitility.await("the nodes of that run")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> processesIn(temporary) > 1);
            first.terminate();
            assertThat(first.await(Duration.ofSeconds(10)).exit()).isEqualTo(128 + 15);
        }
        Awaitility.await("their end").until(() -> processesIn(temporary) == 0);
        assertThat(temporary).isEmptyDirectory();
        assertThat(home.resolve("server/target/ridgeline-server.aot"))
                .as("another command must try again")
                .doesNotExist();
    }

    /// What the script needs, without the caches.
    private Path untrainedHome() throws IOException {
        Path home = folder.resolve("home");
        for (String file : List.of("ridgeline", "mvnw", "server/train")) {
            Path copy = home.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(Checkout.root().resolve(file), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        for (String target : List.of("server/target", "cli/target")) {
            Path copy = Files.createDirectories(home.resolve(target));
            try (Stream<Path> built = Files.list(Checkout.root().resolve(target))) {
                for (Path each : built.filter(path -> !path.toString().endsWith(".aot")).toList()) {
                    Files.createSymbolicLink(copy.resolve(each.getFileName()), each);
                }
            }
        }
        return home;
    }

    private static long processesIn(Path temporary) {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .orElse("")
                                .contains(temporary + "/ridgeline-train"))
                .count();
    }

    @Test
    void withoutJsonItSaysWhereItListens() {
        try (Command.Running node =
                Command.ridgeline(
                                folder,
                                List.of(
                                        "start",
                                        "--data",
                                        folder.resolve("data").toString(),
                                        "--port",
                                        "0",
                                        "--management-port",
                                        "0"))
                        .start()) {
            Awaitility.await("a friendly line")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> node.out().contains("127.0.0.1:"));
        }
    }

    @Test
    void aSecondProcessOnTheSameDataIsRefusedWithThePidOfTheFirst() {
        try (Node first = plan.start()) {
            Outcome refused = plan.startInVain();
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.error().get("message").asText())
                    .contains(Long.toString(first.process().pid()));
            assertThat(refused.err()).doesNotContain("\tat ");
            Outcome verify = plan.verifyStorage();
            assertThat(verify.exit()).isEqualTo(1);
            assertThat(verify.error().get("message").asText())
                    .contains(Long.toString(first.process().pid()));
            History.of(first.events());
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (Node first = plan.start()) {
            Outcome refused = Node.on(folder.resolve("other")).port(first.port()).startInVain();
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.error().get("message").asText())
                    .contains(Integer.toString(first.port()));
            assertThat(refused.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void anotherNumberOfPartitionsIsRefused() {
        plan.with("ridgeline.partitions", "5").start().close();
        Outcome refused =
                Node.on(folder.resolve("data")).with("ridgeline.partitions", "6").startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("ridgeline.partitions", "5", "6");
    }

    @ParameterizedTest
    @CsvSource({
        "ridgeline.limits.event-byte, 1M, ridgeline.limits.event-bytes",
        "ridgeline.prot, 8080, ridgeline.port",
        "ridgeline.storage.typ, file, ridgeline.storage.type",
        "ridgeline.storage.file.segment-sise, 64M, ridgeline.storage.file.segment-size",
        "ridgeline.storage.type, fil, file",
        "ridgeline.limits.event-bytes, lots, ridgeline.limits.event-bytes",
        "ridgeline.timings.write-timeout, soon, ridgeline.timings.write-timeout",
    })
    void wrongConfigurationIsRefusedWithWhatWasMeant(String key, String value, String meant) {
        Outcome refused = plan.with(key, value).startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText()).contains(key, value, meant);
        assertThat(refused.err()).doesNotContain("\tat ");
    }

    @Test
    void anUnknownVariableIsRefused() {
        Outcome refused = plan.environment("RIDGELINE_PARTITION", "3").startInVain();
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.error().get("message").asText())
                .contains("RIDGELINE_PARTITION", "RIDGELINE_PARTITIONS");
    }

    @Test
    void wrongUsageOfStartIsExitCode2() {
        for (List<String> wrong :
                List.of(
                        List.of("start", "--json", "--prot", "1"),
                        List.of("start", "--json", "--port"),
                        List.of("start", "--json", "--port", "many"),
                        List.of("strat", "--json"))) {
            Outcome outcome = Command.ridgeline(folder, wrong).run();
            assertThat(outcome.exit()).as("%s: %s", wrong, outcome).isEqualTo(2);
            assertThat(outcome.error().get("message").asText()).isNotBlank();
        }
    }

    @Test
    void configShowSaysWhereEachValueIsFrom() throws IOException {
        Files.createDirectories(folder.resolve("conf"));
        Files.writeString(
                folder.resolve("conf/ridgeline.properties"),
                "ridgeline.node=from-file\nridgeline.partitions=7\nridgeline.port=1\n");
        Outcome shown =
                Command.ridgeline(folder, "config", "show", "--json", "-Dridgeline.port=3")
                        .with("RIDGELINE_PORT", "2")
                        .with("RIDGELINE_PARTITIONS", "9")
                        .run();
        assertThat(shown.exit()).as("%s", shown).isZero();
        assertThat(value(shown, "ridgeline.node").get("value").asText()).isEqualTo("from-file");
        assertThat(value(shown, "ridgeline.node").get("source").asText())
                .contains("ridgeline.properties");
        assertThat(value(shown, "ridgeline.partitions").get("value").asText()).isEqualTo("9");
        assertThat(value(shown, "ridgeline.partitions").get("source").asText())
                .isEqualTo("RIDGELINE_PARTITIONS");
        assertThat(value(shown, "ridgeline.port").get("value").asText()).isEqualTo("3");
        assertThat(value(shown, "ridgeline.port").get("source").asText()).isEqualTo("command line");
        assertThat(value(shown, "ridgeline.host").get("source").asText()).isEqualTo("default");
        assertThat(value(shown, "ridgeline.storage.file.segment-size").get("value").asText())
                .isEqualTo("64M");
        Outcome people = Command.ridgeline(folder, "config", "show").run();
        assertThat(people.out()).contains("ridgeline.node", "from-file");
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
        Files.createDirectories(folder.resolve("conf"));
        Files.writeString(
                folder.resolve("conf/ridgeline.properties"),
                "ridgeline.node=from-file\nridgeline.partitions=7\nridgeline.cluster=filed\n");
        Node.Plan layered =
                plan.environment("RIDGELINE_NODE", "from-environment")
                        .environment("RIDGELINE_PARTITIONS", "5")
                        .with("ridgeline.partitions", "4");
        try (Node node = layered.start()) {
            assertThat(node.ready().get("node").asText()).isEqualTo("from-environment");
            assertThat(node.admin().getStatus(GetStatusRequest.getDefaultInstance()))
                    .satisfies(status -> assertThat(status.getPartitionsList()).hasSize(4));
            assertThat(node.log()).contains("founding cluster filed,");
        }
    }

    @Test
    void sigtermFinishesWhatIsInFlightAndLosesNothing() {
        try (Node node = plan.start()) {
            for (int i = 0; i < 50; i++) {
                node.events().append(Requests.append(Requests.event("kept", "T", "{}")));
            }
            Outcome outcome = node.terminate();
            assertThat(outcome.exit()).as("%s", outcome).isZero();
            assertThat(outcome.err()).doesNotContain("\tat ");
        }
        try (Node node = plan.start()) {
            assertThat(History.of(node.events()).size()).isEqualTo(50);
        }
    }

    /// Before it can be orderly, a stop is that of any process: by the signal.
    @Test
    void sigtermAtAnyMomentOfAStartIsNoFailure() throws InterruptedException {
        // The first command after a build makes the AOT caches.
        plan.start().close();
        for (int millis = 200; millis <= 2_000; millis += 200) {
            try (Command.Running starting = plan.launch()) {
                assertThat(starting.process().waitFor(millis, TimeUnit.MILLISECONDS))
                        .as("ended by itself")
                        .isFalse();
                starting.terminate();
                Outcome outcome = starting.await(Duration.ofSeconds(30));
                assertThat(outcome.exit()).as("%s", outcome).isIn(0, 128 + 15);
                assertThat(outcome.err()).doesNotContain("\tat ", "ERROR");
            }
        }
    }

    @Test
    void storageVerifyIsCleanAfterAKillAndFindsDamage() throws IOException {
        Outcome nothing = plan.verifyStorage();
        assertThat(nothing.exit()).as("%s", nothing).isEqualTo(1);
        assertThat(nothing.error().get("message").asText()).contains("of a node that has run");

        byte[] needle = "needle-in-the-log".repeat(20).getBytes(StandardCharsets.UTF_8);
        try (Node node = plan.start()) {
            for (int i = 0; i < 200; i++) {
                String data = "\"" + new String(needle, StandardCharsets.UTF_8) + "\"";
                node.events().append(Requests.append(Requests.event("kept", "T", data)));
            }
            node.kill();
        }
        Outcome clean = plan.verifyStorage();
        assertThat(clean.exit()).as("%s", clean).isZero();
        assertThat(clean.out().lines()).allSatisfy(line -> Outcome.parse(line));

        damageOneByte(needle);
        Outcome damaged = plan.verifyStorage();
        assertThat(damaged.exit()).as("%s", damaged).isEqualTo(1);
        assertThat(damaged.json().get("ok").asBoolean()).isFalse();
        assertThat(damaged.json().get("problems").get(0).asText()).contains("bucket-0");
        Outcome people =
                Command.ridgeline(
                                folder,
                                "storage",
                                "verify",
                                "--data",
                                folder.resolve("data").toString())
                        .run();
        assertThat(people.exit()).isEqualTo(1);
        assertThat(people.err()).doesNotContain("\tat ");
    }

    /// Flips a bit in the middle of the first event that is found in a file.
    private void damageOneByte(byte[] needle) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                int at = content.indexOf(new String(needle, StandardCharsets.ISO_8859_1));
                if (at >= 0) {
                    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                        bytes.seek(at + needle.length / 2);
                        int value = bytes.read();
                        bytes.seek(at + needle.length / 2);
                        bytes.write(value ^ 1);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("the data has no file with the events");
    }

    private static JsonNode value(Outcome shown, String key) {
        return shown.lines().stream()
                .filter(line -> line.path("key").asText().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not shown: " + shown.out()));
    }
}
