package io.ridgeline.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class DevLineTest {
    @Test
    void nothingSaidLeavesNodesAndPortsToWhatIsThere() {
        DevLine line = DevLine.parse(List.of());

        assertThat(line.data()).isEqualTo(Path.of("cluster"));
        assertThat(line.nodes()).isEmpty();
        assertThat(line.basePort()).isEmpty();
        assertThat(line.restart()).isEmpty();
    }

    @Test
    void takesOptionsInBothForms() {
        DevLine line =
                DevLine.parse(
                        List.of("--nodes=5", "--base-port", "7000", "--json", "-Dridgeline.x=y"));

        assertThat(line.nodes()).isEqualTo(OptionalInt.of(5));
        assertThat(line.basePort()).isEqualTo(OptionalInt.of(7000));
        assertThat(line.json()).isTrue();
        assertThat(line.settings()).containsExactly(Map.entry("ridgeline.x", "y"));
    }

    @Test
    void namesTheNodeToRestart() {
        assertThat(DevLine.parse(List.of("restart", "n2", "--data", "d")).restart()).contains("n2");
        assertThat(DevLine.parse(List.of("restart")).restart()).contains("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nodes 0",
                "--nodes 8",
                "--nodes",
                "--base-port -1",
                "--what 1",
                "stop",
                "restart n1 n2",
                "-D=x",
                "--nodes three"
            })
    void refusesWhatItDoesNotUnderstand(String arguments) {
        assertThatThrownBy(() -> DevLine.parse(List.of(arguments.split(" "))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
