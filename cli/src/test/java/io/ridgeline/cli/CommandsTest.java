package io.ridgeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.client.fake.FakeServer;
import io.ridgeline.client.fake.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What scripts and people see of each command.
class CommandsTest {
    private static final String ID = "0192f0c4-9aaa-7bbb-8ccc-0123456789ab";

    private final MemoryStore store = new MemoryStore();
    private final FakeServer server = new FakeServer(store, "n1");
    @TempDir Path folder;

    CommandsTest() {
        FakeServer.cluster(List.of(server), List.of(Set.of(0, 1, 2, 3)));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Run run(String... arguments) {
        return Run.of(server.address(), "", Set.of(), arguments);
    }

    private String good(String... arguments) {
        Run run = run(Run.json(arguments));
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run.out();
    }

    private String bad(int exit, String... arguments) {
        Run run = run(Run.json(arguments));
        assertThat(run.exit()).as("%s", run).isEqualTo(exit);
        assertThat(run.out()).isEmpty();
        return run.err();
    }

    @Test
    void saysItsVersion() {
        assertThat(run("--version").out()).startsWith("ridgeline ");
        assertThat(good("--version")).startsWith("{\"version\":\"");
    }

    @Nested
    class Append {
        @Test
        void saysWhereTheEventIs() {
            String expected =
                    "{\"partition\":%d,\"firstSequence\":0,\"lastSequence\":0,\"streams\":[{\"stream\":\"a\",\"firstVersion\":0,\"lastVersion\":0}],\"events\":[\"%s\"],\"duplicate\":%s}\n";
            int partition = MemoryStore.partitionOf("a");
            String[] append = {"append", "a", "--type", "T", "--id", ID, "--data", "{}"};
            assertThat(good(append)).isEqualTo(expected.formatted(partition, ID, false));
            assertThat(good(append)).isEqualTo(expected.formatted(partition, ID, true));
        }

        @Test
        void takesDataFromAnArgumentAFileOrStandardInput() throws IOException {
            Path file = Files.writeString(folder.resolve("data.json"), "{\"from\":\n\"file\"}");
            good("append", "a", "--type", "T", "--data", "{\"from\":\"argument\"}");
            good("append", "a", "--type", "T", "--data", "@" + file);
            Run piped =
                    Run.of(
                            server.address(),
                            "just text",
                            Set.of(),
                            "append",
                            "a",
                            "--type",
                            "T",
                            "--data",
                            "-");
            assertThat(piped.exit()).isZero();
            good("append", "a", "--type", "T");
            assertThat(store.stream("", "a").stream().map(it -> it.getData().toStringUtf8()))
                    .containsExactly(
                            "{\"from\":\"argument\"}", "{\"from\":\n\"file\"}", "just text", "");
            assertThat(good("read", "--stream", "a").lines())
                    .hasSize(4)
                    .anyMatch(it -> it.contains("\"data\":{\"from\": \"file\"}"))
                    .anyMatch(it -> it.contains("\"dataBase64\":\"anVzdCB0ZXh0\""))
                    .anyMatch(it -> it.contains("\"data\":null"));
        }

        @Test
        void expectsWhatItIsTold() {
            good("append", "a", "--type", "T", "--expect", "none");
            good("append", "a", "--type", "T", "--expect", "0");
            good("append", "a", "--type", "T", "--expect", "exists");
            assertThat(bad(1, "append", "a", "--type", "T", "--expect", "7"))
                    .isEqualTo(
                            "{\"error\":\"VERSION_CONFLICT\",\"message\":\"stream a is at version 2\",\"details\":{\"current_version\":\"2\",\"expected\":\"EXACT_VERSION\",\"outcome\":\"NOTHING_HAPPENED\",\"stream\":\"a\"}}\n");
            assertThat(run("append", "a", "--type", "T", "--expect", "none").err())
                    .isEqualTo("ridgeline: stream a is at version 2 (VERSION_CONFLICT)\n");
        }

        @Test
        void warnsWhenItMayHaveHappened() {
            server.refuse(request ->
                    Optional.of(
                            MemoryStore.error(
                                    io.ridgeline.api.v1.ErrorCode.INTERNAL, "oops", Map.of())));
            assertThat(run("append", "a", "--type", "T").err())
                    .contains("oops (INTERNAL)")
                    .contains("may have happened");
        }
    }

    @Nested
    class ReadAndGet {
        @Test
        void printEveryField() {
            good(
                    "append",
                    "größe",
                    "--type",
                    "T",
                    "--id",
                    ID,
                    "--data",
                    "{\"n\":[1.10,\"ü\"]}",
                    "--metadata",
                    "{\"by\":\"me\"}",
                    "--tag",
                    "b=2",
                    "--tag",
                    "a=1=1",
                    "--partition-key",
                    "k");
            String expected =
                    "{\"id\":\""
                            + ID
                            + "\",\"stream\":\"größe\",\"version\":0,\"partition\":"
                            + MemoryStore.partitionOf("k")
                            + ",\"sequence\":0,\"type\":\"T\",\"data\":{\"n\":[1.10,\"ü\"]},"
                            + "\"metadata\":{\"by\":\"me\"},\"tags\":{\"a\":\"1=1\",\"b\":\"2\"},"
                            + "\"timestamp\":\"2026-11-01T00:00:00Z\",\"partitionKey\":\"k\"}\n";
            assertThat(good("get", ID)).isEqualTo(expected);
            assertThat(good("read", "--stream", "größe", "--partition-key", "k"))
                    .isEqualTo(expected);
            assertThat(good("read", "--stream", "größe")).isEmpty();
        }

        @Test
        void goFromAPlaceForwardOrBackward() {
            for (int i = 0; i < 5; i++) {
                good("append", "a", "--type", "T", "--data", Integer.toString(i));
            }
            assertThat(data("--stream", "a")).containsExactly("0", "1", "2", "3", "4");
            assertThat(data("--stream", "a", "--from", "1", "--limit", "2"))
                    .containsExactly("1", "2");
            assertThat(data("--stream", "a", "--backward", "--from", "2"))
                    .containsExactly("2", "1", "0");
            assertThat(data("--stream", "a", "--limit", "0")).isEmpty();
            assertThat(data("--all", "--from", "3")).containsExactly("3", "4");
            String partition = Integer.toString(MemoryStore.partitionOf("a"));
            assertThat(data("--partition", partition, "--backward", "--limit", "1"))
                    .containsExactly("4");
        }

        private List<String> data(String... selection) {
            return good(concat("read", selection))
                    .lines()
                    .map(it -> it.replaceAll(".*\"data\":([0-9]+),.*", "$1"))
                    .toList();
        }

        @Test
        void failForAnUnknownId() {
            assertThat(bad(1, "get", ID))
                    .isEqualTo(
                            "{\"error\":\"NOT_FOUND\",\"message\":\"there is no event "
                                    + ID
                                    + "\",\"details\":{\"id\":\""
                                    + ID
                                    + "\"}}\n");
        }
    }

    private static String[] concat(String first, String... more) {
        String[] all = new String[more.length + 1];
        all[0] = first;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }

    @Nested
    class Subscribe {
        @Test
        void endsAtACountOrWhenItIsLive() {
            for (int i = 0; i < 5; i++) {
                good("append", "a", "--type", "T" + i % 2, "--tag", "k=" + i % 2);
            }
            assertThat(good("subscribe", "--stream", "a", "--count", "4").lines()).hasSize(4);
            assertThat(good("subscribe", "--all", "--until-live").lines()).hasSize(5);
            assertThat(good("subscribe", "--all", "--until-live", "--from", "3").lines())
                    .hasSize(2);
            assertThat(good("subscribe", "--all", "--until-live", "--type", "T1").lines())
                    .hasSize(2);
            assertThat(good("subscribe", "--all", "--until-live", "--tag", "k=0").lines())
                    .hasSize(3);
            assertThat(good("subscribe", "--all", "--until-live", "--prefix", "b")).isEmpty();
            assertThat(good("subscribe", "--stream", "a", "--until-live", "--from", "end"))
                    .isEmpty();
        }
    }

    @Nested
    class Status {
        @Test
        void isOneObject() {
            good("append", "a", "--type", "T");
            int partition = MemoryStore.partitionOf("a");
            assertThat(good("status"))
                    .startsWith(
                            "{\"node\":\"n1\",\"version\":\"1.2.3\",\"ready\":true,\"partitions\":[")
                    .contains(
                            "{\"partition\":"
                                    + partition
                                    + ",\"coordinator\":\"n1\",\"epoch\":1,\"watermark\":0,\"replicas\":[\"n1\"],\"role\":\"COORDINATING\",\"unconfirmedEntries\":0}")
                    .contains(
                            "\"members\":[{\"node\":\"n1\",\"state\":\"alive\",\"startedAt\":\"2026-11-01T00:00:00Z\",\"clientAddress\":\""
                                    + server.address()
                                    + "\",\"protocol\":{\"min\":1,\"max\":2,\"used\":2}}]")
                    .endsWith("}\n");
        }

        @Test
        void isATableForPeople() {
            Run run = run("status");
            assertThat(run.exit()).isZero();
            assertThat(run.out())
                    .contains("node n1 of cluster test, version 1.2.3, ready")
                    .contains("partition  coordinator  epoch  events")
                    .containsPattern("n1 +alive +.* 2 of 1-2\n")
                    .doesNotContain("\u001b[");
        }
    }

    @Nested
    class Bench {
        @Test
        void countsAndTimes() {
            for (String what : List.of("append", "bulk", "read")) {
                String out = good("bench", what, "--callers", "3", "--seconds", "1.5");
                assertThat(out)
                        .matches(
                                "\\{\"perSecond\":[0-9.E]+,\"p50Micros\":[0-9]+,\"p99Micros\":[0-9]+,\"p999Micros\":[0-9]+,\"maxMicros\":[0-9]+,\"errors\":0}\n")
                        .doesNotContain("\"perSecond\":0.0");
            }
            assertThat(store.stream("", "none")).isEmpty();
            assertThat(store.size()).isPositive();
        }
    }

    @Nested
    class WrongUsage {
        @Test
        void isExitCode2() {
            for (List<String> wrong :
                    List.of(
                            List.of("append", "s"),
                            List.of("append", "--type", "T"),
                            List.of("append", "s", "--type", "T", "--expect", "soon"),
                            List.of("append", "s", "--type", "T", "--expect", "-1"),
                            List.of("append", "s", "--type", "T", "--id", "7"),
                            List.of("append", "s", "--type", "T", "--id", "1-1-1-1-1"),
                            List.of("append", "s", "--type", "T", "--tag", "no-value"),
                            List.of("append", "s", "--type", "T", "--metadata", "{"),
                            List.of("import", "--batch", "0"),
                            List.of("read"),
                            List.of("read", "--stream", "a", "--all"),
                            List.of("read", "--all", "--backward"),
                            List.of("read", "--all", "--partition-key", "k"),
                            List.of("read", "--partition", "-1"),
                            List.of("read", "--stream", "a", "--from", "-3"),
                            List.of("read", "--stream", "a", "--from", "x"),
                            List.of("read", "--stream", "a", "--server", "nowhere"),
                            List.of("get", "no-id"),
                            List.of("subscribe"),
                            List.of("subscribe", "--all", "--from", "middle"),
                            List.of("status", "--sever", "localhost:1"),
                            List.of("status", "--timeout", "0"),
                            List.of("bench", "everything"),
                            List.of("bench", "append", "--callers", "0"),
                            List.of("explode"),
                            List.<String>of())) {
                assertThat(bad(2, wrong.toArray(String[]::new)))
                        .as("%s", wrong)
                        .startsWith("{\"error\":\"USAGE\",\"message\":\"")
                        .endsWith("\"details\":{}}\n");
            }
            assertThat(store.size()).isZero();
        }

        @Test
        void tellsPeopleWhereToLook() {
            assertThat(run("read").err())
                    .isEqualTo(
                            "ridgeline: give one of --stream, --partition and --all\nTry 'ridgeline read --help'.\n");
            assertThat(run("explode").err()).startsWith("ridgeline: there is no command 'explode'");
        }
    }

    @Test
    void helpListsAllCommands() {
        Run help = run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains("start", "append", "import", "read", "get", "subscribe", "status")
                .contains("bench", "config", "storage");
        assertThat(run("append", "--help").out()).contains("--expect");
    }

    @Test
    void aServerThatIsNotThereIsAnErrorSoon() {
        server.stop();
        for (String[] command :
                new String[][] {
                    {"status"},
                    {"append", "a", "--type", "T"},
                    {"read", "--all"},
                    {"get", ID},
                    {"subscribe", "--all"},
                    {"bench", "append"},
                }) {
            assertThat(bad(1, command))
                    .as(command[0])
                    .startsWith("{\"error\":\"UNAVAILABLE\"")
                    .contains(server.address());
        }
    }

    @Test
    void theOptionWinsOverTheEnvironment() {
        Run run =
                Run.of(
                        Map.of("RIDGELINE_SERVER", "127.0.0.1:1"),
                        "",
                        Set.of(),
                        "status",
                        "--server",
                        "127.0.0.1:1," + server.address());
        assertThat(run.exit()).as("%s", run).isZero();
    }

    @Nested
    class People {
        @Test
        void getAnEventToRead() {
            run("append", "a", "--type", "Paid", "--data", "{\"a\":{\"b\":[1.50,2]},\"c\":\"ü\"}");
            Run run = run("read", "--stream", "a");
            assertThat(run.out())
                    .startsWith("a @0  Paid  2026-11-01T00:00:00Z")
                    .contains(
                            "\n    \"a\" : {\n      \"b\" : [ 1.50, 2 ]\n    },\n    \"c\" : \"ü\"\n  }\n")
                    .doesNotContain("\u001b[");
        }

        @Test
        void getColourOnATerminalOnly() {
            run("append", "a", "--type", "Paid");
            Set<String> terminals = Set.of("out", "err");
            assertThat(Run.of(server.address(), "", terminals, "read", "--all").out())
                    .contains("\u001b[");
            Map<String, String> environment =
                    Map.of("RIDGELINE_SERVER", server.address(), "NO_COLOR", "1");
            assertThat(Run.of(environment, "", terminals, "read", "--all").out())
                    .doesNotContain("\u001b[");
        }
    }
}
