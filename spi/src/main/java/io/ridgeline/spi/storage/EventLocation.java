package io.ridgeline.spi.storage;

/// Where an event is found.
///
/// @param entry the entry that holds it
/// @param place its place in the entry's transaction, from 0
public record EventLocation(Entry entry, int place) {}
