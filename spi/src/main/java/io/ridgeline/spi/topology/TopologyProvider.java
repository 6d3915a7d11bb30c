package io.ridgeline.spi.topology;

import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.transport.Credentials;
import java.util.Optional;

/// Makes a [Topology]; selected by `ridgeline.topology.type`.
public interface TopologyProvider extends Provider {

    /// {@return a topology that has a view already}
    ///
    /// May block for as long as it takes until the founders of the cluster are known, since nothing
    /// can be done before; says in the log what it waits for, and ends when it is interrupted.
    ///
    /// @param cluster the name of the cluster
    /// @param versions of the protocol between nodes that this node speaks, for a topology whose
    ///   members tell each other of themselves
    /// @param credentials to sign and to verify with; empty if the transport has none to lend
    Topology create(
            ProviderContext context,
            String cluster,
            ProtocolVersions versions,
            Optional<Credentials> credentials);
}
