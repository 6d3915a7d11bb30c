package io.ridgeline.engine.message;

import java.util.UUID;

/// What a frame says once for all its messages.
///
/// @param minor the sender's minor version
/// @param clusterId of the sender
/// @param bucket of the sending shard; it talks to the same bucket of its peers
/// @param startedAt of the sender's run
public record FrameHeader(int minor, UUID clusterId, int bucket, long startedAt) {}
