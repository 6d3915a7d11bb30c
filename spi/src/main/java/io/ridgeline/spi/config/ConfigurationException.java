package io.ridgeline.spi.config;

/// A configuration that cannot be used. The message names the key, the value found and what would
/// be accepted. It stops the start.
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A problem that is not that of one value.
    public ConfigurationException(String message) {
        super(message);
    }

    /// A value that is not accepted.
    ///
    /// @param key the whole key, `ridgeline.` included
    /// @param value what was found
    /// @param expected what is accepted, to follow "expected"
    public ConfigurationException(String key, String value, String expected) {
        super(key + " = \"" + value + "\": expected " + expected);
    }
}
