package io.ridgeline.spi.topology;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;

/// Makes a [Topology]; selected by `ridgeline.topology.type`.
public interface TopologyProvider extends Provider {

    /// {@return a topology that has a view already}
    Topology create(ProviderContext context);
}
