package io.ridgeline.engine.membership;

import io.ridgeline.spi.NodeId;
import java.util.UUID;

/// A replica that counts: acks and promises of its node count only under this storage id.
public record Member(NodeId node, UUID storageId) {}
