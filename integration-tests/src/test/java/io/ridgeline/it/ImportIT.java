package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Cli;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `import`: repeatable, and exact about what it cannot take.
class ImportIT {
    private static Path folder;
    private static Node node;
    private static Cli cli;

    @BeforeAll
    static void start() {
        folder = Checkout.folder(ImportIT.class, "node");
        node = Node.on(folder.resolve("data")).start();
        cli = new Cli(folder, node.port());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void aSecondRunAddsNothing() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2_500; i++) {
            // Some lines are the same on purpose: they are different events.
            lines.append(
                    "{\"stream\":\"twice-%d\",\"type\":\"T\",\"data\":{\"n\":%d}}%n"
                            .formatted(i % 7, i / 14));
        }
        Path file = Files.writeString(folder.resolve("twice.jsonl"), lines);
        JsonNode first = cli.json("import", file.toString());
        assertThat(first.get("events").asLong()).isEqualTo(2_500);
        assertThat(first.get("duplicates").asLong()).isZero();
        assertThat(first.get("transactions").asLong()).isPositive();
        assertThat(first.get("seconds").isNumber()).isTrue();
        JsonNode second = cli.json("import", file.toString(), "--batch", "17");
        assertThat(second.get("duplicates").asLong()).isEqualTo(2_500);

        for (int stream = 0; stream < 7; stream++) {
            List<JsonNode> events = cli.lines("read", "--stream", "twice-" + stream);
            assertThat(events).hasSize(stream < 1 ? 358 : 357);
            assertThat(events).extracting(event -> event.get("data").get("n").asInt()).isSorted();
        }
    }

    @Test
    void everyFieldArrives() {
        String id = UUID.randomUUID().toString();
        String line =
                """
                {"stream":"fields","type":"T","data":"text","id":"%s","metadata":{"m":1},\
                "tags":{"k":"v"},"timestamp":"2001-02-03T04:05:06.789Z","partitionKey":"pk"}
                """
                        .formatted(id);
        Outcome imported = cli.command("import", "-", "--json").reading(line).run();
        assertThat(imported.exit()).as("%s", imported).isZero();
        JsonNode event = cli.json("get", id);
        assertThat(event.get("data").asText()).isEqualTo("text");
        assertThat(event.get("metadata").toString()).isEqualTo("{\"m\":1}");
        assertThat(event.get("tags").toString()).isEqualTo("{\"k\":\"v\"}");
        assertThat(event.get("timestamp").asText()).startsWith("2001-02-03T04:05:06.789");
        assertThat(cli.lines("read", "--stream", "fields", "--partition-key", "pk")).hasSize(1);
    }

    @Test
    void aMalformedLineIsNamed() throws IOException {
        for (String bad :
                List.of(
                        "{\"stream\":\"bad\",\"type\":\"T\"",
                        "[]",
                        "{\"type\":\"T\"}",
                        "{\"stream\":\"bad\"}",
                        "{\"stream\":\"bad\",\"type\":\"T\",\"id\":\"7\"}",
                        "{\"stream\":\"bad\",\"type\":\"T\",\"timestamp\":\"soon\"}",
                        "{\"stream\":\"bad\",\"type\":\"T\",\"tpye\":\"T\"}",
                        "{\"stream\":7,\"type\":\"T\"}")) {
            Path file =
                    Files.writeString(
                            folder.resolve("bad.jsonl"),
                            "{\"stream\":\"good\",\"type\":\"T\"}\n" + bad + "\n");
            JsonNode error = cli.error(1, "import", file.toString());
            assertThat(error.get("message").asText()).as(bad).contains("bad.jsonl", "2");
        }
        assertThat(cli.lines("read", "--stream", "bad")).isEmpty();
    }

    @Test
    void invalidUtf8IsNamed() throws IOException {
        byte[] line =
                "{\"stream\":\"bad-text\",\"type\":\"T\",\"data\":\"?\"}\n"
                        .getBytes(StandardCharsets.UTF_8);
        line[line.length - 4] = (byte) 0xC3;
        Path file = Files.write(folder.resolve("latin1.jsonl"), line);
        JsonNode error = cli.error(1, "import", file.toString());
        assertThat(error.get("message").asText()).contains("latin1.jsonl", "1").contains("UTF-8");
        assertThat(cli.lines("read", "--stream", "bad-text")).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        JsonNode error = cli.error(1, "import", folder.resolve("nowhere.jsonl").toString());
        assertThat(error.get("message").asText()).contains("nowhere.jsonl");
    }
}
