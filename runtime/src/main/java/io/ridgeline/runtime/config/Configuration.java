package io.ridgeline.runtime.config;

import io.ridgeline.runtime.provider.ProviderCatalogue;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The configuration of a node, complete and checked: every key that was given is known, every
/// value is of its type and in its range, every selected provider exists.
public final class Configuration {
    private static final String PREFIX = "ridgeline.";
    private static final String VARIABLE_PREFIX = "RIDGELINE_";

    /// Variables that are read by the start script and the client's command line.
    private static final List<String> OTHER_VARIABLES =
            List.of(
                    "RIDGELINE_HEAP",
                    "RIDGELINE_JAVA_OPTS",
                    "RIDGELINE_SERVER",
                    "RIDGELINE_CONFIG");

    private static final Pattern CONVERSION =
            Pattern.compile(
                    "config property (\\S+) with the config value \"(.*?)\" threw an Exception"
                            + " whilst being converted (.*)",
                    Pattern.DOTALL);

    private final SortedMap<String, String> defaults = new TreeMap<>();
    private final SortedMap<String, Given> given = new TreeMap<>();
    private final ProviderCatalogue catalogue;
    private final RidgelineConfig values;

    private record Given(String value, String source) {}

    private Configuration(SmallRyeConfig config, Map<String, String> environment) {
        defaults.putAll(
                ConfigMappings.ConfigClass.configClass(RidgelineConfig.class).getProperties());
        readSources(config);
        String providers = "providers";
        Given chosen = given.get(PREFIX + providers);
        String variable = environment.get(VARIABLE_PREFIX + "PROVIDERS");
        if (chosen != null) {
            providers = chosen.value();
        }
        if (variable != null && (chosen == null || !chosen.source().equals(COMMAND_LINE))) {
            providers = variable;
        }
        catalogue = ProviderCatalogue.of(Path.of(providers));
        for (ProviderKind kind : ProviderKind.values()) {
            for (String id : catalogue.ids(kind)) {
                for (ConfigKey key : catalogue.get(kind, id).keys()) {
                    defaults.put(kind.prefix(id) + "." + key.name(), key.defaultValue());
                }
            }
        }
        readEnvironment(environment);
        for (Map.Entry<String, Given> each : given.entrySet()) {
            if (!defaults.containsKey(each.getKey())) {
                throw unknown(each.getKey(), each.getValue());
            }
        }
        values = mapped();
        ConfigChecks.check(values);
        for (ProviderKind kind : ProviderKind.values()) {
            selected(kind, Provider.class);
        }
    }

    private static final String COMMAND_LINE = "command line";

    /// Reads and checks what the sources say.
    ///
    /// @param config files, system properties and whatever else there is
    /// @param environment the variables of the process
    /// @throws ConfigurationException naming key, value, what exists and what may have been meant
    public static Configuration of(SmallRyeConfig config, Map<String, String> environment) {
        return new Configuration(config, environment);
    }

    private void readSources(SmallRyeConfig config) {
        for (String name : config.getPropertyNames()) {
            if (!name.startsWith(PREFIX)) {
                continue;
            }
            io.smallrye.config.ConfigValue found = config.getConfigValue(name);
            String source = found.getConfigSourceName();
            String value = found.getValue();
            // Names that are guessed from variables are not ours: readEnvironment knows better.
            if (value == null
                    || source == null
                    || source.startsWith("EnvConfigSource")
                    || source.startsWith("DefaultValuesConfigSource")) {
                continue;
            }
            given.put(name, new Given(value, sourceName(source)));
        }
    }

    private static String sourceName(String source) {
        if (source.startsWith("SysPropConfigSource")) {
            return COMMAND_LINE;
        }
        int start = source.indexOf("source=");
        return start < 0 ? source : source.substring(start + 7).replaceAll("]$", "");
    }

    private void readEnvironment(Map<String, String> environment) {
        SortedMap<String, String> keys = new TreeMap<>();
        for (String key : defaults.keySet()) {
            keys.put(variable(key), key);
        }
        for (Map.Entry<String, String> each : new TreeMap<>(environment).entrySet()) {
            String name = each.getKey();
            if (!name.startsWith(VARIABLE_PREFIX) || OTHER_VARIABLES.contains(name)) {
                continue;
            }
            String key = keys.get(name);
            if (key == null) {
                throw new ConfigurationException(
                        "unknown variable %s = \"%s\"%s; variables are keys in capitals with _, such as %s"
                                .formatted(
                                        name,
                                        each.getValue(),
                                        meant(Nearest.to(name, keys.keySet())),
                                        variable(PREFIX + "data")));
            }
            Given other = given.get(key);
            if (other == null || !other.source().equals(COMMAND_LINE)) {
                given.put(key, new Given(each.getValue(), name));
            }
        }
    }

    /// {@return the variable of the environment that sets a key}
    public static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private ConfigurationException unknown(String key, Given value) {
        String parent = key.substring(0, key.lastIndexOf('.') + 1);
        List<String> siblings =
                defaults.keySet().stream()
                        .filter(each -> each.startsWith(parent))
                        .map(each -> each.substring(parent.length()))
                        .filter(each -> each.indexOf('.') < 0)
                        .toList();
        String exists =
                siblings.isEmpty()
                        ? "no key begins with " + parent
                        : "below " + parent + " exist: " + String.join(", ", siblings);
        return new ConfigurationException(
                "unknown key %s = \"%s\" (%s)%s; %s"
                        .formatted(
                                key,
                                ConfigValue.of(key, value.value(), "").value(),
                                value.source(),
                                meant(Nearest.to(key, defaults.keySet())),
                                exists));
    }

    private static String meant(Optional<String> nearest) {
        return nearest.map(name -> "; did you mean " + name + "?").orElse("");
    }

    private RidgelineConfig mapped() {
        Map<String, String> own = new TreeMap<>();
        given.forEach((key, value) -> own.put(key, value.value()));
        try {
            return new SmallRyeConfigBuilder()
                    .addDiscoveredConverters()
                    .withMapping(RidgelineConfig.class)
                    .withValidateUnknown(false)
                    .withSources(new PropertiesConfigSource(own, "given", 100))
                    .build()
                    .getConfigMapping(RidgelineConfig.class);
        } catch (ConfigValidationException e) {
            throw invalid(e.getProblem(0).getMessage(), e);
        }
    }

    private static ConfigurationException invalid(String problem, ConfigValidationException e) {
        Matcher matcher = CONVERSION.matcher(problem);
        ConfigurationException failure =
                matcher.find()
                        ? new ConfigurationException(
                                matcher.group(1),
                                matcher.group(2),
                                "another form (" + matcher.group(3).strip() + ")")
                        : new ConfigurationException(problem);
        failure.initCause(e);
        return failure;
    }

    /// {@return the values of the node's own keys}
    public RidgelineConfig values() {
        return values;
    }

    /// {@return the name of the node}
    public NodeId node() {
        return new NodeId(values.node());
    }

    /// {@return the folder of the node's data}
    public Path dataFolder() {
        return Path.of(values.data());
    }

    /// {@return every key with its value and where that came from, sorted by key}
    public List<ConfigValue> all() {
        List<ConfigValue> all = new ArrayList<>();
        defaults.forEach((key, value) -> {
            Given own = given.get(key);
            all.add(
                    own == null
                            ? ConfigValue.of(key, value == null ? "" : value, "default")
                            : ConfigValue.of(key, own.value(), own.source()));
        });
        return all;
    }

    /// {@return the selected provider of a contract}
    ///
    /// @param type the contract of the kind
    /// @throws ConfigurationException if there is none of that id
    public <T extends Provider> T selected(ProviderKind kind, Class<T> type) {
        String id = selectedId(kind);
        List<String> ids = catalogue.ids(kind);
        if (!ids.contains(id)) {
            throw new ConfigurationException(
                    kind.typeKey(),
                    id,
                    "one of " + String.join(", ", ids) + meant(Nearest.to(id, ids)));
        }
        return catalogue.get(kind, type, id);
    }

    private String selectedId(ProviderKind kind) {
        return switch (kind) {
            case STORAGE -> values.storage().type();
            case TRANSPORT -> values.transport().type();
            case TOPOLOGY -> values.topology().type();
            case QUORUM -> values.quorum().type();
        };
    }

    /// {@return what the selected provider of a contract is given}
    public ProviderContext context(ProviderKind kind) {
        Provider provider = selected(kind, Provider.class);
        String prefix = kind.prefix(provider.id());
        SortedMap<String, String> own = new TreeMap<>();
        for (ConfigKey key : provider.keys()) {
            Given value = given.get(prefix + "." + key.name());
            if (value != null) {
                own.put(key.name(), value.value());
            }
        }
        return new ProviderContext(
                node(), dataFolder(), new ProviderConfig(prefix, provider.keys(), own));
    }
}
