package io.ridgeline.client;

/// Versions that a stream's events got in one transaction.
///
/// @param stream the stream
/// @param firstVersion of its first event in the transaction
/// @param lastVersion of its last event in the transaction
public record StreamVersions(String stream, long firstVersion, long lastVersion) {}
