package io.ridgeline.spi.event;

/// What names a stream: the same stream id under another partition key is another stream.
///
/// @param partitionKey decides the partition; the stream id itself unless the writer chose another
/// @param stream the stream id
public record StreamKey(String partitionKey, String stream) {}
