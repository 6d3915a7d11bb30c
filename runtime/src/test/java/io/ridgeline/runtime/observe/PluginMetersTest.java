package io.ridgeline.runtime.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ridgeline.spi.Meter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PluginMetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private List<Meter> said = List.of();
    private final PluginMeters meters = new PluginMeters("topology", () -> said, registry);

    private static Meter dropped(String cause, double value) {
        return new Meter("dropped", "…", true, new TreeMap<>(Map.of("cause", cause)), value);
    }

    private double shown(String cause) {
        return registry.get("ridgeline.topology.dropped")
                .tag("cause", cause)
                .functionCounter()
                .count();
    }

    @Test
    void showNothingBeforeThePluginIsThere() {
        meters.refresh();

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void showWhatThePluginCountsUnderTheNameOfItsContract() {
        said = List.of(dropped("KEY", 2), dropped("RATE", 0));
        meters.refresh();
        assertThat(shown("KEY")).isEqualTo(2);
        assertThat(shown("RATE")).isZero();

        said = List.of(dropped("KEY", 5), dropped("RATE", 1));
        meters.refresh();
        assertThat(shown("KEY")).isEqualTo(5);
        assertThat(shown("RATE")).isEqualTo(1);
        assertThat(registry.getMeters()).hasSize(2);
    }

    @Test
    void showWhatGoesUpAndDownAsAGauge() {
        said = List.of(new Meter("members", "…", false, new TreeMap<>(), 3));
        meters.refresh();
        said = List.of(new Meter("members", "…", false, new TreeMap<>(), 2));
        meters.refresh();

        assertThat(registry.get("ridgeline.topology.members").gauge().value()).isEqualTo(2);
    }
}
