package io.ridgeline.engine;

import io.ridgeline.spi.event.StreamKey;

/// The versions that a transaction's events got in one stream, both inclusive.
public record StreamVersions(StreamKey stream, long firstVersion, long lastVersion) {}
