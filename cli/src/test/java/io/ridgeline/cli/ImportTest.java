package io.ridgeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportTest {
    private static final String ID = "0192f0c4-9aaa-7bbb-8ccc-0123456789ab";

    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    @TempDir Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    private Run load(String lines, String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "import";
        arguments[1] = "-";
        arguments[2] = "--json";
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Run.of(server.address(), lines, Set.of(), arguments);
    }

    private static String line(String stream, int number) {
        return "{\"stream\":\"%s\",\"type\":\"T\",\"data\":%d}\n".formatted(stream, number);
    }

    private static String lines(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            // Pairs of equal lines, which are different events.
            lines.append(line("s" + i % 7, i / 14));
        }
        return lines.toString();
    }

    private List<String> dataOf(String stream) {
        return store.stream("", stream).stream().map(it -> it.getData().toStringUtf8()).toList();
    }

    @Nested
    class ASecondRun {
        @ParameterizedTest
        @ValueSource(strings = {"500", "17", "1", "1000"})
        void addsNothingHoweverItIsGrouped(String batch) {
            Run first = load(lines(2_500));
            assertThat(first.out())
                    .as(first.err())
                    .matches(
                            "\\{\"events\":2500,\"transactions\":7,\"duplicates\":0,\"seconds\":[0-9.]+}\n");
            Run second = load(lines(2_500), "--batch", batch);
            assertThat(second.exit()).as(second.err()).isZero();
            assertThat(second.out()).contains("\"events\":2500,").contains("\"duplicates\":2500,");
            assertThat(store.size()).isEqualTo(2_500);
            for (int stream = 0; stream < 7; stream++) {
                assertThat(dataOf("s" + stream).stream().map(Integer::valueOf)).isSorted();
            }
        }

        @Test
        void ofAFileThatHasGrownAddsWhatIsNew() {
            load(lines(1_000));
            // New lines at the end, and one in the middle, which an exporter may put there.
            String grown =
                    lines(500) + line("new", 1) + lines(1_200).substring(lines(500).length());
            Run second = load(grown);
            assertThat(second.exit()).as(second.err()).isZero();
            assertThat(second.out()).contains("\"events\":1201,").contains("\"duplicates\":1000,");
            assertThat(store.size()).isEqualTo(1_201);
            assertThat(dataOf("s1").stream().map(Integer::valueOf)).isSorted();
        }
    }

    @Test
    void equalLinesAreDifferentEvents() {
        assertThat(load(line("a", 1).repeat(3)).exit()).isZero();
        assertThat(dataOf("a")).containsExactly("1", "1", "1");
        assertThat(load(line("a", 1).repeat(4)).out()).contains("\"duplicates\":3");
        assertThat(dataOf("a")).hasSize(4);
    }

    @Test
    void everyFieldArrivesAsItIsWritten() {
        Run run =
                load(
                        """
                        \uFEFF{"stream":"s","type":"T","id":"%s","data": {"n": 1.10, "s":"\\u00fc"} ,"metadata":[1],\
                        "tags":{"k":"ü"},"timestamp":"2001-02-03T05:05:06.789+01:00","partitionKey":"pk"}\r
                        \r

                        {"stream":"scalar","type":"T","data":-1.5e3}
                        {"stream":"scalar","type":"T","data":"a\\nb"}
                        {"stream":"scalar","type":"T","data":null,"metadata":true}
                        {"stream":"scalar","type":"T"}\
                        """
                                .formatted(ID));
        assertThat(run.exit()).as(run.err()).isZero();
        RecordedEvent event = store.stream("pk", "s").get(0);
        assertThat(event.getData().toStringUtf8()).isEqualTo("{\"n\": 1.10, \"s\":\"\\u00fc\"}");
        assertThat(event.getMetadata().toStringUtf8()).isEqualTo("[1]");
        assertThat(event.getTags(0).getValue()).isEqualTo("ü");
        assertThat(event.getCreatedMicros()).isEqualTo(981_173_106_789_000L);
        assertThat(dataOf("scalar")).containsExactly("-1.5e3", "\"a\\nb\"", "null", "");
    }

    @Test
    void theOrderOfAKeyIsKept() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            lines.append(
                    "{\"stream\":\"s%d\",\"type\":\"T\",\"data\":%d,\"partitionKey\":\"k\"}\n"
                            .formatted(i % 3, i));
        }
        assertThat(load(lines.toString(), "--batch", "10").exit()).isZero();
        assertThat(
                        store.partition(MemoryStore.partitionOf("k")).stream()
                                .map(it -> Integer.valueOf(it.getData().toStringUtf8())))
                .hasSize(3_000)
                .isSorted();
    }

    @Nested
    class ALineThatCannotBeTaken {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"stream\":\"bad\",\"type\":\"T\"",
                    "[]",
                    "7",
                    "{\"stream\":\"bad\",\"type\":\"T\"} x",
                    "{\"type\":\"T\"}",
                    "{\"stream\":\"bad\"}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"id\":\"7\"}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"timestamp\":\"soon\"}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"tpye\":\"T\"}",
                    "{\"stream\":\"bad\",\"stream\":\"bad\",\"type\":\"T\"}",
                    "{\"stream\":7,\"type\":\"T\"}",
                    "{\"stream\":\"b\\ud800\",\"type\":\"T\"}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"tags\":{\"a\":1}}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"tags\":[]}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"data\":01}",
                    "{\"stream\":\"bad\",\"type\":\"T\",\"data\":{\"a\":}}",
                })
        void isNamed(String bad) throws IOException {
            Path file =
                    Files.writeString(folder.resolve("bad.jsonl"), line("good", 1) + bad + "\n");
            Run run = Run.of(server.address(), "", Set.of(), "import", file.toString(), "--json");
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith("{\"error\":\"INVALID_INPUT\",\"message\":\"" + file + ", line 2: ")
                    .contains("\"line\":2");
            assertThat(store.stream("", "bad")).isEmpty();
        }

        @Test
        void isNamedIfItIsNotUtf8() throws IOException {
            for (byte[] malformed :
                    new byte[][] {
                        {(byte) 0xC3, 'x'},
                        {(byte) 0xC0, (byte) 0x80},
                        {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                        {(byte) 0xFF},
                    }) {
                byte[] before =
                        "{\"stream\":\"b\",\"type\":\"T\",\"data\":\""
                                .getBytes(StandardCharsets.UTF_8);
                byte[] after = "\"}\n".getBytes(StandardCharsets.UTF_8);
                byte[] all = new byte[before.length + malformed.length + after.length];
                System.arraycopy(before, 0, all, 0, before.length);
                System.arraycopy(malformed, 0, all, before.length, malformed.length);
                System.arraycopy(after, 0, all, before.length + malformed.length, after.length);
                Path file = Files.write(folder.resolve("latin1.jsonl"), all);
                Run run =
                        Run.of(server.address(), "", Set.of(), "import", file.toString(), "--json");
                assertThat(run.exit()).isEqualTo(1);
                assertThat(run.err()).contains("latin1.jsonl, line 1: not valid UTF-8 at byte");
            }
            assertThat(store.size()).isZero();
        }

        @Test
        void isNamedIfItsIdIsTakenByAnother() {
            String first = "{\"stream\":\"a\",\"type\":\"T\",\"id\":\"" + ID + "\",\"data\":1}\n";
            assertThat(load(first).exit()).isZero();
            Run run = load(line("a", 0) + first.replace("\"data\":1", "\"data\":2"));
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith(
                            "{\"error\":\"EVENT_ID_CONFLICT\",\"message\":\"standard input, line 2: ");
        }

        @Test
        void mayRepeatAnIdWithTheSameContent() {
            String first = "{\"stream\":\"a\",\"type\":\"T\",\"id\":\"" + ID + "\",\"data\":1}\n";
            Run run = load(first + line("a", 5) + first + line("a", 6));
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out()).contains("\"events\":4,").contains("\"duplicates\":1,");
            assertThat(dataOf("a")).containsExactly("1", "5", "6");
        }

        @Test
        void isNamedIfTheServerRefusesIt() {
            Run run = load(line("a", 0) + "{\"stream\":\"a\",\"type\":\"\"}\n" + line("b", 1));
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err())
                    .contains("INVALID_REQUEST")
                    .contains("standard input, 2 of the lines 1 to 2: ");
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Run run =
                Run.of(
                        server.address(),
                        "",
                        Set.of(),
                        "import",
                        folder.resolve("nowhere.jsonl").toString());
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("nowhere.jsonl: no such file");
    }

    @Test
    void peopleAreToldWhatIsNew() {
        Run run = Run.of(server.address(), lines(20), Set.of(), "import");
        assertThat(run.out()).startsWith("imported: 20 new events").contains("7 transactions");
    }
}
