package io.ridgeline.spi.event;

/// A label of an event, apart from its metadata so that it can be selected by.
public record Tag(String key, String value) {}
