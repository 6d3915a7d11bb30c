package io.ridgeline.engine;

import io.ridgeline.spi.event.StreamKey;

/// A condition on one stream, which need not be written to by the transaction but lies in its
/// partition.
public record StreamCondition(StreamKey stream, Expectation expect) implements AppendCondition {}
