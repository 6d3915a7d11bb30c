package io.ridgeline.server;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import java.util.List;

/// `identity show` and `identity create`: what the other nodes need to know of this one before it
/// has ever run.
final class IdentityCommand {
    private IdentityCommand() {}

    /// Prints the identity that there is.
    ///
    /// @throws ConfigurationException if there is none
    static void show(Configuration configuration, boolean json) {
        TransportIdentity identity =
                provider(configuration)
                        .identity(configuration.context(ProviderKind.TRANSPORT))
                        .orElseThrow(() ->
                                new ConfigurationException(
                                        "node "
                                                + configuration.node()
                                                + " has no identity yet; make one with:"
                                                + " ridgeline identity create"));
        print(configuration, identity, json);
    }

    /// Makes one, and prints it.
    ///
    /// @throws ConfigurationException if there is one already
    static void create(Configuration configuration, boolean json) {
        print(
                configuration,
                provider(configuration)
                        .createIdentity(configuration.context(ProviderKind.TRANSPORT)),
                json);
    }

    private static TransportProvider provider(Configuration configuration) {
        return configuration.selected(ProviderKind.TRANSPORT, TransportProvider.class);
    }

    private static void print(
            Configuration configuration, TransportIdentity identity, boolean json) {
        List<String> addresses = identity.addresses();
        if (json) {
            System.out.println(
                    new Json()
                            .put("node", configuration.node().toString())
                            .put("peerId", identity.identity())
                            .put("multiaddr", addresses.getFirst())
                            .put("multiaddrs", addresses));
            return;
        }
        System.out.println("node       " + configuration.node());
        System.out.println("PeerId     " + identity.identity());
        addresses.forEach(address -> System.out.println("multiaddr  " + address));
        System.out.println();
        System.out.println("In the list of members of every node, this one's part is:");
        // The address names the identity.
        System.out.println("  " + configuration.node() + "=" + addresses.getFirst());
    }
}
