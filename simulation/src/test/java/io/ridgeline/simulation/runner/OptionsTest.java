package io.ridgeline.simulation.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) throws InterruptedException {
        return SimulationMain.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void seedsAreCounted() throws Exception {
        Options options = Options.parse(new String[] {"--seeds", "7", "--from", "3", "--json"});

        assertThat(options.seeds()).isEqualTo(7);
        assertThat(options.from()).isEqualTo(3);
        assertThat(options.json()).isTrue();
    }

    @Test
    void modesExcludeEachOther() {
        assertThatThrownBy(() -> Options.parse(new String[] {"--seed", "1", "--seeds", "2"}))
                .hasMessageContaining("exclude each other");
    }

    @Test
    void nonsenseIsUsage() throws InterruptedException {
        assertThat(run("--seeds", "none")).isEqualTo(2);
        assertThat(run("--minutes", "-1")).isEqualTo(2);
        assertThat(run("--what")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(run("--seeds")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("usage: simulation/run");
        assertThat(out.size()).isZero();
    }

    @Test
    void theLastLineIsJsonAndEqualForEqualSeeds() throws InterruptedException {
        assertThat(run("--seeds", "4", "--from", "11", "--jobs", "2", "--json")).isZero();
        String first = out.toString(StandardCharsets.UTF_8);
        out.reset();
        assertThat(run("--seeds", "4", "--from", "11", "--jobs", "1", "--json")).isZero();
        String second = out.toString(StandardCharsets.UTF_8);

        String pattern =
                "\\{\"seeds\":4,\"simulatedSeconds\":[0-9.]+,\"wallSeconds\":[0-9.]+,"
                        + "\"violations\":0,.*\"coverage\":\\{\"takeovers\":[0-9]+.*\\},"
                        + "\"hash\":\"[0-9a-f]{16}\"\\}\\R";
        assertThat(first).matches(pattern);
        assertThat(hash(second)).isEqualTo(hash(first));
    }

    private static String hash(String json) {
        return json.substring(json.indexOf("\"hash\""));
    }
}
