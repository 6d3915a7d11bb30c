package io.ridgeline.spi.transport;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.topology.Topology;

/// Makes a [Transport]; selected by `ridgeline.transport.type`.
public interface TransportProvider extends Provider {

    /// {@return a transport that is not started yet}
    ///
    /// @param topology says where peers are and who they are
    Transport create(ProviderContext context, Topology topology);
}
