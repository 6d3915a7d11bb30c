package io.ridgeline.server;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.spi.config.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// Where the configuration of a node comes from: a file, the environment, the command line.
final class Sources {
    private static final Path DEFAULT_FILE = Path.of("conf", "ridgeline.properties");

    /// Keys that others than us answer for.
    private static final List<String> PREFIXES =
            List.of("ridgeline.", "quarkus.", "smallrye.", "mp.", "vertx.");

    private Sources() {}

    /// Reads and checks the configuration before anything is started, and has Quarkus read the
    /// same.
    ///
    /// @throws ConfigurationException if it cannot be used
    static Configuration configuration(CommandLine line) {
        line.properties().forEach(Sources::accept);
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder().addDefaultInterceptors().addSystemSources();
        Path file = line.configFile().map(Path::of).orElse(DEFAULT_FILE);
        if (Files.isRegularFile(file)) {
            builder.withSources(checked(ConfigFile.source(file), file));
            ConfigFile.name(file);
        } else if (line.configFile().isPresent()) {
            throw new ConfigurationException("--config " + file + ": there is no such file");
        }
        return Configuration.of(builder.build(), System.getenv());
    }

    private static void accept(String key, String value) {
        check(key, value, "command line");
        System.setProperty(key, value);
    }

    private static void check(String key, String value, String source) {
        if (PREFIXES.stream().noneMatch(key::startsWith)) {
            throw new ConfigurationException(
                    "unknown key %s = \"%s\" (%s); keys begin with ridgeline."
                            .formatted(key, value, source));
        }
    }

    private static PropertiesConfigSource checked(PropertiesConfigSource source, Path file) {
        Map<String, String> properties = source.getProperties();
        SortedSet<String> keys = new TreeSet<>(properties.keySet());
        keys.forEach(key -> check(key, properties.getOrDefault(key, ""), file.toString()));
        return source;
    }
}
