package io.ridgeline.server;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.spi.config.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// Where the configuration of a node comes from: a file, the environment, the command line.
final class Sources {
    private static final Path DEFAULT_FILE = Path.of("conf", "ridgeline.properties");
    private static final int FILE_ORDINAL = 200;

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
            builder.withSources(source(file));
            System.setProperty(
                    "smallrye.config.locations", file.toAbsolutePath().toUri().toString());
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

    private static PropertiesConfigSource source(Path file) {
        try {
            PropertiesConfigSource source =
                    new PropertiesConfigSource(file.toUri().toURL(), FILE_ORDINAL);
            Map<String, String> properties = source.getProperties();
            SortedSet<String> keys = new TreeSet<>(properties.keySet());
            keys.forEach(key -> check(key, properties.getOrDefault(key, ""), file.toString()));
            return source;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (IllegalArgumentException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            file + " is not a properties file: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
