package io.ridgeline.engine.message;

/// What one shard says to another. The sender's run stands in the frame around it.
public sealed interface Message permits PartitionMessage, NodeMessage {}
