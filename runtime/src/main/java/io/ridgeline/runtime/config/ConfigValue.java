package io.ridgeline.runtime.config;

/// A key with its value and where that came from.
///
/// @param key the whole key, `ridgeline.` included
/// @param value as it was written; hidden if it is a secret
/// @param source `default`, a file, the name of a variable of the environment, or `command line`
public record ConfigValue(String key, String value, String source) {
    private static final String HIDDEN = "********";

    /// {@return the value with its text hidden if the key says that it is a secret}
    static ConfigValue of(String key, String value, String source) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        boolean secret =
                last.contains("password")
                        || last.contains("secret")
                        || last.contains("token")
                        || last.contains("credential");
        return new ConfigValue(key, secret && !value.isEmpty() ? HIDDEN : value, source);
    }
}
