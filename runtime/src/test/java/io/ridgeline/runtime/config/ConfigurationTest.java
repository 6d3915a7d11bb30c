package io.ridgeline.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.spi.config.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static Configuration of(Map<String, String> file, Map<String, String> environment) {
        return Configuration.of(
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .withSources(new PropertiesConfigSource(file, "conf/test.properties", 200))
                        .build(),
                environment);
    }

    private static ConfigValue value(Configuration configuration, String key) {
        return configuration.all().stream()
                .filter(each -> each.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void hasADefaultForEveryKeyThatNeedsOne() {
        Configuration configuration = of(Map.of(), Map.of());
        assertThat(configuration.values().partitions()).isEqualTo(32);
        assertThat(configuration.values().timings().writeTimeout())
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.all()).allMatch(each -> each.source().equals("default"));
    }

    @Test
    void saysWhereEachValueCameFrom() {
        Configuration configuration =
                of(
                        Map.of("ridgeline.port", "1", "ridgeline.node", "a"),
                        Map.of("RIDGELINE_PORT", "2", "RIDGELINE_HEAP", "1g", "PATH", "/bin"));
        assertThat(value(configuration, "ridgeline.port"))
                .isEqualTo(new ConfigValue("ridgeline.port", "2", "RIDGELINE_PORT"));
        assertThat(value(configuration, "ridgeline.node"))
                .isEqualTo(new ConfigValue("ridgeline.node", "a", "conf/test.properties"));
        assertThat(configuration.values().port()).isEqualTo(2);
    }

    @Test
    void handsAProviderItsOwnKeys() {
        Configuration configuration =
                of(
                        Map.of("ridgeline.storage.file.segment-size", "16M"),
                        Map.of("RIDGELINE_STORAGE_FILE_CACHE_SIZE", "1M"));
        assertThat(configuration.context(ProviderKind.STORAGE).config().memorySize("segment-size"))
                .isEqualTo(16 << 20);
        assertThat(configuration.context(ProviderKind.STORAGE).config().memorySize("cache-size"))
                .isEqualTo(1 << 20);
    }

    @Test
    void hidesSecrets() {
        assertThat(ConfigValue.of("ridgeline.storage.x.password", "1234", "s").value())
                .isEqualTo("********");
        assertThat(ConfigValue.of("ridgeline.storage.x.password", "", "s").value()).isEmpty();
    }

    @Nested
    class Refuses {
        private void refuses(String key, String value, String... parts) {
            assertThatThrownBy(() -> of(Map.of(key, value), Map.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .message()
                    .contains(parts)
                    .contains(key, value)
                    .doesNotContain("\n");
        }

        @ParameterizedTest
        @CsvSource({
            "ridgeline.partitons,ridgeline.partitions",
            "ridgeline.limits.event-byte,ridgeline.limits.event-bytes",
            "ridgeline.storage.file.segment-sizes,ridgeline.storage.file.segment-size",
            "ridgeline.storge.type,ridgeline.storage.type"
        })
        void anUnknownKeyNamingTheNearest(String key, String nearest) {
            refuses(key, "17", "did you mean " + nearest + "?");
        }

        @Test
        void anUnknownVariable() {
            assertThatThrownBy(() -> of(Map.of(), Map.of("RIDGELINE_STORAGE_FILE_SEGMENT", "1")))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("RIDGELINE_STORAGE_FILE_SEGMENT = \"1\"")
                    .hasMessageContaining("did you mean RIDGELINE_STORAGE_FILE_SEGMENT_SIZE?");
        }

        @ParameterizedTest
        @CsvSource({
            "ridgeline.port,many",
            "ridgeline.port,70000",
            "ridgeline.partitions,0",
            "ridgeline.buckets,few",
            "ridgeline.node,a b",
            "ridgeline.timings.write-timeout,soon",
            "ridgeline.timings.write-timeout,2h",
            "ridgeline.fault-tolerance.append-timeout,2m",
            "ridgeline.fault-tolerance.append-timeout,0s",
            "ridgeline.fault-tolerance.bound-timeout,6s",
            "ridgeline.fault-tolerance.retry-delay,501ms",
            "ridgeline.fault-tolerance.appends,0",
            "ridgeline.fault-tolerance.bounds,0",
            "ridgeline.fault-tolerance.circuit.requests,0",
            "ridgeline.fault-tolerance.circuit.failure-ratio,0",
            "ridgeline.fault-tolerance.circuit.failure-ratio,1.1",
            "ridgeline.fault-tolerance.circuit.failure-ratio,half",
            "ridgeline.fault-tolerance.circuit.delay,0s",
            "ridgeline.fault-tolerance.circuit.probes,0",
            "ridgeline.limits.event-bytes,big",
            "ridgeline.limits.event-bytes,0",
            "ridgeline.log.level,LOUD"
        })
        void aValueThatCannotBe(String key, String value) {
            assertThatThrownBy(() -> of(Map.of(key, value), Map.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(key)
                    .hasMessageContaining("expected");
        }

        @Test
        void anUnknownProviderNamingThoseThatExist() {
            refuses("ridgeline.storage.type", "fil", "one of file", "did you mean file?");
        }
    }
}
