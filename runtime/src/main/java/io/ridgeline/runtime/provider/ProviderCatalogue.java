package io.ridgeline.runtime.provider;

import io.quarkus.runtime.ImageMode;
import io.ridgeline.spi.Provider;
import io.ridgeline.spi.SpiVersion;
import io.ridgeline.spi.config.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The providers that a node has, by contract and id.
public final class ProviderCatalogue {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]*");

    private final Map<ProviderKind, SortedMap<String, Found>> found =
            new EnumMap<>(ProviderKind.class);

    /// A provider and where it came from, for messages.
    private record Found(Provider provider, String origin) {}

    private ProviderCatalogue() {
        for (ProviderKind kind : ProviderKind.values()) {
            found.put(kind, new TreeMap<>());
        }
    }

    /// {@return the providers on a class path, checked}
    ///
    /// @throws ConfigurationException as [#of]
    public static ProviderCatalogue bundled(ClassLoader loader) {
        ProviderCatalogue catalogue = new ProviderCatalogue();
        for (ProviderKind kind : ProviderKind.values()) {
            catalogue.addAll(kind, loader, "bundled");
        }
        return catalogue;
    }

    /// {@return the bundled providers and those in the subfolders of a folder, which need not
    /// exist}
    ///
    /// @throws ConfigurationException if one of them cannot be loaded, was built for another major
    ///   version of the contracts, or has an id that is taken
    public static ProviderCatalogue of(Path folder) {
        ProviderCatalogue catalogue = bundled(Thread.currentThread().getContextClassLoader());
        for (Path each : sorted(folder, "*")) {
            if (Files.isDirectory(each)) {
                catalogue.addFolder(each);
            }
        }
        return catalogue;
    }

    private void addFolder(Path folder) {
        List<Path> jars = sorted(folder, "*.jar");
        if (jars.isEmpty()) {
            throw new ConfigurationException(
                    "provider folder " + folder + " holds no *.jar; add them or remove it");
        }
        if (ImageMode.current().isNativeImage()) {
            throw new ConfigurationException(
                    "provider folder "
                            + folder
                            + ": a native executable loads no jars; run on a JVM or remove it");
        }
        URL[] urls = jars.stream().map(ProviderCatalogue::url).toArray(URL[]::new);
        // Stays open as long as the node: classes are loaded when they are first needed.
        ClassLoader loader = new ProviderClassLoader(folder.getFileName().toString(), urls);
        int before = size();
        for (ProviderKind kind : ProviderKind.values()) {
            addAll(kind, loader, folder.toString());
        }
        if (size() == before) {
            throw new ConfigurationException(
                    "provider folder "
                            + folder
                            + " has no provider: no jar names one in META-INF/services");
        }
    }

    private int size() {
        return found.values().stream().mapToInt(Map::size).sum();
    }

    private void addAll(ProviderKind kind, ClassLoader loader, String origin) {
        Iterator<? extends Provider> providers =
                ServiceLoader.load(kind.contract(), loader).iterator();
        try {
            while (providers.hasNext()) {
                add(kind, providers.next(), origin);
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            "provider in " + origin + " cannot be loaded: " + rootMessage(e));
            failure.initCause(e);
            throw failure;
        }
    }

    private void add(ProviderKind kind, Provider provider, String origin) {
        String name = provider.getClass().getName();
        if (provider.spiMajor() != SpiVersion.MAJOR) {
            throw new ConfigurationException(
                    "provider %s (%s) was built for version %d of the contracts, this node has %d.%d; use a build for %d"
                            .formatted(
                                    name,
                                    origin,
                                    provider.spiMajor(),
                                    SpiVersion.MAJOR,
                                    SpiVersion.MINOR,
                                    SpiVersion.MAJOR));
        }
        if (!ID.matcher(provider.id()).matches() || provider.id().equals("type")) {
            throw new ConfigurationException(
                    "provider %s (%s) has the id \"%s\": expected a-z, 0-9 and -, and not \"type\""
                            .formatted(name, origin, provider.id()));
        }
        Found other = found(kind).putIfAbsent(provider.id(), new Found(provider, origin));
        if (other != null) {
            throw new ConfigurationException(
                    "two providers for %s have the id %s: %s (%s) and %s (%s)"
                            .formatted(
                                    kind.key(),
                                    provider.id(),
                                    other.provider().getClass().getName(),
                                    other.origin(),
                                    name,
                                    origin));
        }
    }

    private SortedMap<String, Found> found(ProviderKind kind) {
        SortedMap<String, Found> providers = found.get(kind);
        if (providers == null) {
            throw new IllegalStateException(kind.key());
        }
        return providers;
    }

    /// {@return the ids of a contract's providers, sorted}
    public List<String> ids(ProviderKind kind) {
        return List.copyOf(found(kind).keySet());
    }

    /// {@return the provider of an id}
    ///
    /// @param type the contract of the kind
    /// @throws ConfigurationException if there is none
    public <T extends Provider> T get(ProviderKind kind, Class<T> type, String id) {
        Found known = found(kind).get(id);
        if (known == null) {
            throw new ConfigurationException(
                    kind.typeKey(), id, "one of " + String.join(", ", ids(kind)));
        }
        return type.cast(known.provider());
    }

    /// {@return the provider of an id}
    public Provider get(ProviderKind kind, String id) {
        return get(kind, Provider.class, id);
    }

    private static List<Path> sorted(Path folder, String glob) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            entries.forEach(paths::add);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
        paths.sort(null);
        return paths;
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(jar.toString(), e);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause == null) {
            return String.valueOf(failure.getMessage());
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }
}
