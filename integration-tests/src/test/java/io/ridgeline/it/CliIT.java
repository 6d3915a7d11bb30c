package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Cli;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every client command as users' scripts see it: fields, exit codes, errors.
class CliIT {
    private static Path folder;
    private static Node node;
    private static Cli cli;

    @BeforeAll
    static void start() {
        folder = Checkout.folder(CliIT.class, "node");
        node = Node.on(folder.resolve("data")).start();
        cli = new Cli(folder, node.port());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void theVersionIsThatOfTheNode() {
        assertThat(cli.json("--version").get("version"))
                .isEqualTo(cli.json("status").get("version"));
    }

    @Test
    void appendSaysWhereTheEventIs() {
        JsonNode first = append("where", "--data", "{\"a\": 1}");
        assertThat(fields(first))
                .containsExactly(
                        "partition",
                        "firstSequence",
                        "lastSequence",
                        "streams",
                        "events",
                        "duplicate");
        assertThat(first.get("duplicate").asBoolean()).isFalse();
        assertThat(first.get("events")).hasSize(1);
        assertThat(first.get("streams").toString())
                .isEqualTo("[{\"stream\":\"where\",\"firstVersion\":0,\"lastVersion\":0}]");
        JsonNode second = append("where");
        assertThat(second.get("partition")).isEqualTo(first.get("partition"));
        assertThat(second.get("streams").get(0).get("firstVersion").asInt()).isEqualTo(1);
        assertThat(second.get("firstSequence").asLong())
                .isGreaterThan(first.get("lastSequence").asLong());
    }

    @Test
    void appendWithAnIdTakesEffectOnce() {
        String id = UUID.randomUUID().toString();
        JsonNode first = append("once", "--id", id, "--data", "{}");
        JsonNode again = append("once", "--id", id, "--data", "{}");
        assertThat(first.get("events").get(0).asText()).isEqualTo(id);
        assertThat(again.get("duplicate").asBoolean()).isTrue();
        assertThat(again.get("firstSequence")).isEqualTo(first.get("firstSequence"));
        JsonNode error =
                cli.error(1, "append", "once", "--type", "T", "--id", id, "--data", "{\"x\":1}");
        assertThat(error.get("error").asText()).isEqualTo("EVENT_ID_CONFLICT");
    }

    @Test
    void appendExpectsWhatItIsTold() {
        append("expected", "--expect", "none");
        append("expected", "--expect", "0");
        append("expected", "--expect", "exists");
        append("expected", "--expect", "any");
        JsonNode error = cli.error(1, "append", "expected", "--type", "T", "--expect", "1");
        assertThat(fields(error)).containsExactly("error", "message", "details");
        assertThat(error.get("error").asText()).isEqualTo("VERSION_CONFLICT");
        assertThat(error.get("message").asText()).contains("expected");
        assertThat(error.get("details").get("current_version").asText()).isEqualTo("3");
        assertThat(
                        cli.error(1, "append", "expected", "--type", "T", "--expect", "none")
                                .get("error")
                                .asText())
                .isEqualTo("VERSION_CONFLICT");
        assertThat(
                        cli.error(1, "append", "nowhere", "--type", "T", "--expect", "exists")
                                .get("error")
                                .asText())
                .isEqualTo("VERSION_CONFLICT");
    }

    @Test
    void appendTakesDataFromAnArgumentAFileOrStandardInput() throws IOException {
        Path file = Files.writeString(folder.resolve("data.json"), "{\"from\": \"file\"}");
        append("data", "--data", "{\"from\": \"argument\"}");
        append("data", "--data", "@" + file);
        Outcome piped =
                cli.command("append", "data", "--type", "T", "--data", "-", "--json")
                        .reading("{\"from\": \"pipe\"}")
                        .run();
        assertThat(piped.exit()).as("%s", piped).isZero();
        assertThat(cli.lines("read", "--stream", "data"))
                .extracting(event -> event.get("data").get("from").asText())
                .containsExactly("argument", "file", "pipe");
    }

    @Test
    void anEventReadsBackAsItWasWritten() {
        Instant before = Instant.now().minusSeconds(1);
        JsonNode answer =
                append(
                        "whole",
                        "--data",
                        "{\"n\": [1, \"ü\"]}",
                        "--metadata",
                        "{\"by\": \"me\"}",
                        "--tag",
                        "b=2",
                        "--tag",
                        "a=1=1",
                        "--partition-key",
                        "other");
        String id = answer.get("events").get(0).asText();
        JsonNode event =
                cli.lines("read", "--stream", "whole", "--partition-key", "other").getFirst();
        assertThat(fields(event))
                .contains(
                        "id",
                        "stream",
                        "version",
                        "partition",
                        "sequence",
                        "type",
                        "data",
                        "metadata",
                        "tags",
                        "timestamp");
        assertThat(event.get("id").asText()).isEqualTo(id);
        assertThat(event.get("stream").asText()).isEqualTo("whole");
        assertThat(event.get("version").asLong()).isZero();
        assertThat(event.get("partition")).isEqualTo(answer.get("partition"));
        assertThat(event.get("sequence")).isEqualTo(answer.get("firstSequence"));
        assertThat(event.get("type").asText()).isEqualTo("T");
        assertThat(event.get("data")).isEqualTo(Outcome.parse("{\"n\": [1, \"ü\"]}"));
        assertThat(event.get("metadata")).isEqualTo(Outcome.parse("{\"by\": \"me\"}"));
        assertThat(event.get("tags")).isEqualTo(Outcome.parse("{\"a\": \"1=1\", \"b\": \"2\"}"));
        assertThat(Instant.parse(event.get("timestamp").asText()))
                .isBetween(before, Instant.now().plusSeconds(1));

        assertThat(cli.json("get", id)).isEqualTo(event);
        assertThat(cli.lines("read", "--stream", "whole")).as("under its own key").isEmpty();
    }

    @Test
    void dataThatIsNotJsonComesAsBase64() throws IOException {
        Path file = Files.write(folder.resolve("binary"), new byte[] {0, 1, (byte) 0xFF});
        append("binary", "--data", "@" + file);
        JsonNode event = cli.json("read", "--stream", "binary");
        assertThat(event.get("dataBase64").asText()).isEqualTo("AAH/");
        assertThat(event.has("data")).isFalse();
    }

    @Test
    void readGoesFromAPlaceForwardOrBackward() {
        for (int i = 0; i < 5; i++) {
            append("ordered");
        }
        assertThat(versions("--stream", "ordered")).containsExactly(0, 1, 2, 3, 4);
        assertThat(versions("--stream", "ordered", "--from", "2")).containsExactly(2, 3, 4);
        assertThat(versions("--stream", "ordered", "--from", "1", "--limit", "2"))
                .containsExactly(1, 2);
        assertThat(versions("--stream", "ordered", "--backward")).containsExactly(4, 3, 2, 1, 0);
        assertThat(versions("--stream", "ordered", "--backward", "--from", "2", "--limit", "2"))
                .containsExactly(2, 1);
        assertThat(versions("--stream", "ordered", "--from", "5")).isEmpty();
        assertThat(versions("--stream", "not-there")).isEmpty();
    }

    @Test
    void readCoversAPartitionOrEverything() {
        JsonNode answer = append("covered");
        String partition = answer.get("partition").asText();
        String id = answer.get("events").get(0).asText();
        List<JsonNode> part = cli.lines("read", "--partition", partition);
        assertThat(part).allMatch(event -> event.get("partition").asText().equals(partition));
        for (int sequence = 0; sequence < part.size(); sequence++) {
            assertThat(part.get(sequence).get("sequence").asInt()).isEqualTo(sequence);
        }
        assertThat(part).extracting(event -> event.get("id").asText()).contains(id);
        assertThat(cli.lines("read", "--all"))
                .extracting(event -> event.get("id").asText())
                .contains(id)
                .doesNotHaveDuplicates();
    }

    @Test
    void getOfAnUnknownIdFails() {
        JsonNode error = cli.error(1, "get", UUID.randomUUID().toString());
        assertThat(error.get("error").asText()).isEqualTo("NOT_FOUND");
    }

    @Test
    void subscribeShowsHistoryAndGoesLive() {
        append("followed-1", "--tag", "c=x");
        append("followed-2", "--tag", "c=y");
        assertThat(cli.lines("subscribe", "--stream", "followed-1", "--count", "1")).hasSize(1);
        assertThat(
                        cli.lines(
                                "subscribe",
                                "--all",
                                "--from",
                                "start",
                                "--prefix",
                                "followed-",
                                "--until-live"))
                .hasSize(2);
        assertThat(
                        cli.lines(
                                "subscribe",
                                "--all",
                                "--from",
                                "start",
                                "--prefix",
                                "followed-",
                                "--tag",
                                "c=y",
                                "--type",
                                "T",
                                "--until-live"))
                .hasSize(1);

        try (Command.Running live =
                cli.command("subscribe", "--stream", "followed-3", "--count", "3", "--json")
                        .start()) {
            for (int i = 1; i <= 3; i++) {
                int lines = i;
                append("followed-3");
                Awaitility.await("a line for each event as it comes")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> live.out().lines().count() == lines);
            }
            assertThat(live.await(Duration.ofSeconds(20)).exit()).isZero();
        }
    }

    @Test
    void subscribeFromTheEndShowsOnlyWhatComes() {
        append("fresh");
        try (Command.Running live =
                cli.command("subscribe", "--stream", "fresh", "--from", "end", "--json").start()) {
            Awaitility.await("only what comes")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        append("fresh");
                        return live.out().lines().count() > 0;
                    });
            JsonNode first = Outcome.parse(live.out().lines().findFirst().orElseThrow());
            assertThat(first.get("version").asLong()).isPositive();
            live.terminate();
            assertThat(live.await(Duration.ofSeconds(10)).exit()).isIn(0, 130, 143);
        }
    }

    @Test
    void statusShowsPartitionsAndMembers() {
        append("counted");
        JsonNode status = cli.json("status");
        assertThat(fields(status)).contains("node", "version", "ready", "partitions", "members");
        assertThat(status.get("ready").asBoolean()).isTrue();
        String name = status.get("node").asText();
        assertThat(status.get("partitions")).hasSize(32);
        assertThat(status.get("partitions"))
                .allSatisfy(partition -> {
                    assertThat(fields(partition))
                            .contains("partition", "coordinator", "epoch", "watermark", "replicas");
                    assertThat(partition.get("coordinator").asText()).isEqualTo(name);
                    assertThat(partition.get("epoch").asLong()).isPositive();
                    assertThat(partition.get("watermark").asLong()).isGreaterThanOrEqualTo(-1);
                    assertThat(partition.get("replicas").get(0).asText()).isEqualTo(name);
                });
        assertThat(status.get("partitions"))
                .anyMatch(partition -> partition.get("watermark").asLong() >= 0);
        JsonNode member = status.get("members").get(0);
        assertThat(member.get("node").asText()).isEqualTo(name);
        assertThat(member.get("state").asText()).isEqualTo("alive");
        assertThat(Instant.parse(member.get("startedAt").asText())).isBefore(Instant.now());
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "bulk", "read"})
    void benchCountsAndTimes(String what) {
        JsonNode result =
                cli.json("bench", what, "--callers", "2", "--size", "64", "--seconds", "1");
        assertThat(fields(result))
                .contains("perSecond", "p50Micros", "p99Micros", "p999Micros", "errors");
        assertThat(result.get("perSecond").asDouble()).isPositive();
        assertThat(result.get("errors").asLong()).isZero();
    }

    @Test
    void wrongUsageIsExitCode2() {
        for (List<String> wrong :
                List.of(
                        List.of("append", "s"),
                        List.of("append", "--type", "T"),
                        List.of("append", "s", "--type", "T", "--expect", "soon"),
                        List.of("append", "s", "--type", "T", "--id", "7"),
                        List.of("append", "s", "--type", "T", "--tag", "no-value"),
                        List.of("read"),
                        List.of("read", "--stream", "a", "--all"),
                        List.of("read", "--stream", "a", "--from", "-3"),
                        List.of("get", "no-id"),
                        List.of("subscribe"),
                        List.of("status", "--sever", "localhost:1"),
                        List.of("bench", "everything"),
                        List.of("explode"))) {
            JsonNode error = cli.error(2, wrong.toArray(String[]::new));
            assertThat(fields(error)).as("%s", wrong).contains("error", "message");
        }
    }

    @Test
    void aNodeThatIsNotThereIsAnErrorSoon() {
        JsonNode error = new Cli(folder, 1).error(1, "status");
        assertThat(error.get("message").asText()).contains("localhost:1");
        assertThat(cli.run("status", "--server", "localhost:1").exit()).isEqualTo(1);
    }

    @Test
    void helpIsThere() {
        Outcome help = cli.run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains("start", "append", "import", "read", "get", "subscribe", "status")
                .contains("config", "bench", "storage");
    }

    @Test
    void withoutJsonPeopleGetSomethingToRead() {
        append("human", "--data", "{\"a\":{\"b\":1}}");
        for (List<String> arguments :
                List.of(
                        List.of("append", "human", "--type", "T"),
                        List.of("read", "--stream", "human"),
                        List.of("status"))) {
            Outcome outcome = cli.run(arguments.toArray(String[]::new));
            assertThat(outcome.exit()).as("%s", outcome).isZero();
            assertThat(outcome.out()).isNotBlank().doesNotContain("\u001b[");
        }
        assertThat(cli.run("read", "--stream", "human").out()).contains("human", "\"b\"");
        Outcome failed = cli.run("append", "human", "--type", "T", "--expect", "none");
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("human").doesNotContain("Exception", "\tat ", "\u001b[");
    }

    @Test
    void onATerminalThereIsColour() {
        append("colourful");
        String command = Checkout.script() + " read --stream colourful";
        Outcome outcome =
                Command.of(folder, "script", "-qec", command, "/dev/null")
                        .with("RIDGELINE_SERVER", "localhost:" + node.port())
                        .with("TERM", "xterm-256color")
                        .run();
        assertThat(outcome.out()).contains("colourful", "\u001b[");
    }

    private static JsonNode append(String stream, String... more) {
        List<String> arguments = new ArrayList<>(List.of("append", stream, "--type", "T"));
        arguments.addAll(List.of(more));
        return cli.json(arguments.toArray(String[]::new));
    }

    private static List<Integer> versions(String... selection) {
        List<String> arguments = new ArrayList<>(List.of("read"));
        arguments.addAll(List.of(selection));
        return cli.lines(arguments.toArray(String[]::new)).stream()
                .map(event -> event.get("version").asInt())
                .toList();
    }

    private static List<String> fields(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
