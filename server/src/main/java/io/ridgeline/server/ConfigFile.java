package io.ridgeline.server;

import io.ridgeline.spi.config.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

/// The file that the command names, below the environment and the command line. Quarkus has a key
/// for such a file, but gives it the rank of whoever set the key, here the command line's own.
public final class ConfigFile implements ConfigSourceProvider {
    private static final String NAME = "io.ridgeline.config-file";
    private static final int ORDINAL = 200;

    /// For [java.util.ServiceLoader].
    public ConfigFile() {}

    /// Has Quarkus read a file, too, when it starts.
    static void name(Path file) {
        System.setProperty(NAME, file.toString());
    }

    /// {@return what is in a file}
    ///
    /// @throws ConfigurationException if it is not a properties file
    static PropertiesConfigSource source(Path file) {
        try {
            return new PropertiesConfigSource(file.toUri().toURL(), ORDINAL);
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

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        String file = System.getProperty(NAME);
        return file == null ? List.of() : List.of(source(Path.of(file)));
    }
}
