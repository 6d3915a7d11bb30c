package io.ridgeline.spi.config;

/// A configuration key of a provider.
///
/// @param name below the provider's prefix, in kebab case
/// @param defaultValue the text that stands in when the key is absent; empty for a key that is
///   optional or has no default
/// @param description one sentence for the configuration reference: meaning, unit, range
public record ConfigKey(String name, String defaultValue, String description) {}
