package io.ridgeline.spi.transport;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.topology.Topology;
import java.util.Optional;

/// Makes a [Transport]; selected by `ridgeline.transport.type`.
public interface TransportProvider extends Provider {

    /// {@return a transport that is not started yet}
    ///
    /// @param topology says where peers are and who they are
    Transport create(ProviderContext context, Topology topology);

    /// {@return what peers know this node by; empty if that has not been made yet, or if this
    /// transport authenticates nobody}
    ///
    /// Needs no running node. May block.
    ///
    /// @throws io.ridgeline.spi.config.ConfigurationException if what is there cannot be used
    Optional<TransportIdentity> identity(ProviderContext context);

    /// Makes what peers know this node by, once for its life.
    ///
    /// Needs no running node. May block.
    ///
    /// @throws io.ridgeline.spi.config.ConfigurationException if there is one already, if it cannot
    ///   be kept, or if this transport authenticates nobody
    TransportIdentity createIdentity(ProviderContext context);

    /// {@return what a topology may use to tell members apart; empty if this transport
    /// authenticates nobody}
    ///
    /// Makes what peers know this node by if that has not been made yet. May block.
    ///
    /// @throws io.ridgeline.spi.config.ConfigurationException if what is there cannot be used
    Optional<Credentials> credentials(ProviderContext context);
}
