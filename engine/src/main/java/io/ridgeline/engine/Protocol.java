package io.ridgeline.engine;

import io.ridgeline.spi.ProtocolVersions;

/// The protocol between nodes, as this code speaks it.
public final class Protocol {
    /// The versions that it speaks. A release that raises the highest one goes on speaking the one
    /// before, so that nodes can be upgraded one after the other.
    public static final ProtocolVersions VERSIONS = new ProtocolVersions(1, 1);

    private Protocol() {}
}
