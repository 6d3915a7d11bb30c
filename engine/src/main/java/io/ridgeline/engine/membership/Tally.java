package io.ridgeline.engine.membership;

import io.ridgeline.spi.NodeId;
import java.util.UUID;

/// What is counted, by member.
public interface Tally {

    /// {@return how far a member is, under that storage id; −1 if it does not count}
    long of(NodeId node, UUID storageId);
}
