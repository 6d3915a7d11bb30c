package io.ridgeline.spi.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The values of a provider's keys, defaults filled in. The typed queries throw
/// [ConfigurationException] with the whole key, the value and what is accepted.
public final class ProviderConfig {
    private static final Pattern SIMPLE_DURATION = Pattern.compile("(\\d+)\\s*(ns|us|ms|s|m|h|d)");
    private static final Pattern MEMORY_SIZE = Pattern.compile("(\\d+)\\s*([kKmMgGtT]?)(i?[bB])?");

    private final String prefix;
    private final Map<String, String> values = new TreeMap<>();

    /// @param prefix what stands before each key, e.g. `ridgeline.storage.file`
    /// @param keys the keys that exist
    /// @param given the values that were configured, by key name; all of them are in `keys`
    public ProviderConfig(String prefix, List<ConfigKey> keys, Map<String, String> given) {
        this.prefix = prefix;
        for (ConfigKey key : keys) {
            values.put(key.name(), given.getOrDefault(key.name(), key.defaultValue()));
        }
        for (String name : given.keySet()) {
            if (!values.containsKey(name)) {
                throw new ConfigurationException(
                        "unknown key " + prefix + "." + name + "; known: " + values.keySet());
            }
        }
    }

    /// {@return the text of a key; empty if it has none}
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("key " + name + " was not declared by its provider");
        }
        return value;
    }

    /// {@return a whole number between two bounds, both inclusive}
    public long number(String name, long min, long max) {
        return parsed(
                name,
                "a whole number from " + min + " to " + max,
                text -> {
                    long value = Long.parseLong(text.trim());
                    if (value < min || value > max) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return value;
                });
    }

    /// {@return `true` or `false`}
    public boolean flag(String name) {
        return parsed(
                name,
                "true or false",
                text ->
                        switch (text.trim().toLowerCase(Locale.ROOT)) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException(text);
                        });
    }

    /// {@return a positive duration, written `250ms`, `2s`, `5m`, or as ISO 8601 `PT2S`}
    public Duration duration(String name) {
        return parsed(name, "a duration such as 250ms, 2s or 5m", ProviderConfig::parseDuration);
    }

    /// {@return a number of bytes, written `4096`, `64K`, `16M` or `1G` (powers of 1024)}
    public long memorySize(String name) {
        return parsed(name, "a size such as 64K, 16M or 1G", ProviderConfig::parseMemorySize);
    }

    /// Reads a duration as [#duration] does.
    ///
    /// @throws IllegalArgumentException if it is none
    public static Duration parseDuration(String text) {
        Matcher matcher = SIMPLE_DURATION.matcher(text.trim());
        if (!matcher.matches()) {
            try {
                return Duration.parse(text.trim());
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException("not a duration: " + text, e);
            }
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ns" -> Duration.ofNanos(amount);
            case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000));
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /// Reads a number of bytes as [#memorySize] does.
    ///
    /// @throws IllegalArgumentException if it is none
    public static long parseMemorySize(String text) {
        Matcher matcher = MEMORY_SIZE.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size: " + text);
        }
        int shift =
                switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    case "t" -> 40;
                    default -> 0;
                };
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    }

    private <T> T parsed(String name, String expected, Function<String, T> parser) {
        String value = text(name);
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException | ArithmeticException e) {
            ConfigurationException failure =
                    new ConfigurationException(prefix + "." + name, value, expected);
            failure.initCause(e);
            throw failure;
        }
    }
}
