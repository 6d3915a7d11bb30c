package io.ridgeline.transport.none;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// Reaches nobody, which is all that a cluster of one needs: `ridgeline.transport.type=none`.
public final class NoTransportProvider implements TransportProvider {

    /// For [java.util.ServiceLoader].
    public NoTransportProvider() {}

    @Override
    public String id() {
        return "none";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return List.of();
    }

    @Override
    public Transport create(ProviderContext context, Topology topology) {
        int members = topology.view().members().size();
        if (members > 1) {
            throw new ConfigurationException(
                    "ridgeline.transport.type",
                    id(),
                    "a transport that reaches the " + (members - 1) + " other members");
        }
        return new Nobody();
    }

    @Override
    public Optional<TransportIdentity> identity(ProviderContext context) {
        return Optional.empty();
    }

    @Override
    public TransportIdentity createIdentity(ProviderContext context) {
        throw new ConfigurationException(
                "ridgeline.transport.type", id(), "a transport that has peers, such as libp2p");
    }

    @Override
    public Optional<Credentials> credentials(ProviderContext context) {
        return Optional.empty();
    }

    private static final class Nobody implements Transport {
        private static final int MESSAGE_BYTES_MAX = 64 << 20;

        @Override
        public void start(MessageHandler handler) {
            // Nobody will ever connect.
        }

        @Override
        public boolean send(NodeId to, Lane lane, ByteBuffer message) {
            if (message.remaining() > MESSAGE_BYTES_MAX) {
                throw new IllegalArgumentException(
                        message.remaining() + " bytes, most is " + MESSAGE_BYTES_MAX);
            }
            return false;
        }

        @Override
        public void flush() {
            // Nothing waits.
        }

        @Override
        public int messageBytesMax() {
            return MESSAGE_BYTES_MAX;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
