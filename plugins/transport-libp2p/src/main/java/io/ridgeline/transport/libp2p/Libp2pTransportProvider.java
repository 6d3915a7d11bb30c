package io.ridgeline.transport.libp2p;

import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.spi.transport.TransportProvider;
import io.ridgeline.transport.libp2p.identity.IdentityFile;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.identity.IdentityTool;
import io.ridgeline.transport.libp2p.lane.KeyCredentials;
import io.ridgeline.transport.libp2p.lane.Libp2pTransport;
import io.ridgeline.transport.libp2p.lane.TransportOptions;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import io.ridgeline.transport.libp2p.yamux.YamuxLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Makes transports over libp2p. Members of the topology have a PeerId for identity and a multiaddr
/// for address.
public final class Libp2pTransportProvider implements TransportProvider {
    private static final String FOLDER = "transport-libp2p";
    private static final String IDENTITY_FILE = "identity.key";
    private static final long QUEUE_BYTES_MIN = 64 * 1024;

    @Override
    public String id() {
        return "libp2p";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return List.of(
                new ConfigKey(
                        "listen",
                        "0.0.0.0:4001",
                        "Where to listen for other nodes, host:port; port 0 takes a free one."),
                new ConfigKey(
                        "identity-file",
                        "",
                        "The node's private key, readable by its owner only; made at the first"
                                + " start. Default: transport-libp2p/identity.key in the data"
                                + " folder."),
                new ConfigKey(
                        "queue-size",
                        "16M",
                        "What may wait to be sent, per peer and lane; beyond it messages are"
                                + " dropped."),
                new ConfigKey("connect-timeout", "5s", "Time for a TCP connection."),
                new ConfigKey(
                        "handshake-timeout",
                        "10s",
                        "Time from a TCP connection until messages can be exchanged."),
                new ConfigKey(
                        "keep-alive-interval", "10s", "Time between two pings on a connection."),
                new ConfigKey(
                        "keep-alive-timeout",
                        "10s",
                        "Time for the answer to a ping, after which the connection is closed."),
                new ConfigKey(
                        "reconnect-delay-min",
                        "100ms",
                        "First pause before a lost peer is dialled again; doubles each time, with"
                                + " jitter."),
                new ConfigKey("reconnect-delay-max", "3s", "Longest pause between two dials."),
                new ConfigKey(
                        "connections-max", "256", "Inbound connections at a time, 4 to 65536."),
                new ConfigKey(
                        "threads",
                        "0",
                        "Threads that carry connections, 1 to 64; 0: half of the processors, at"
                                + " most 4."));
    }

    @Override
    public Transport create(ProviderContext context, Topology topology) {
        ProviderConfig config = context.config();
        TransportOptions options =
                new TransportOptions(
                        queueBytes(config),
                        config.duration("reconnect-delay-min"),
                        config.duration("reconnect-delay-max"));
        return new Libp2pTransport(identityKey(context), hostOptions(config), options, topology);
    }

    @Override
    public Optional<TransportIdentity> identity(ProviderContext context) {
        try {
            return Optional.of(identityTool(context).show());
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    @Override
    public TransportIdentity createIdentity(ProviderContext context) {
        try {
            return identityTool(context).create();
        } catch (FileAlreadyExistsException e) {
            throw unusable(new IOException(e.getFile() + " exists already", e));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    @Override
    public Optional<Credentials> credentials(ProviderContext context) {
        IdentityKey key = identityKey(context);
        try {
            return Optional.of(new KeyCredentials(key, identityTool(context).describe(key)));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private static IdentityTool identityTool(ProviderContext context) {
        return new IdentityTool(identityPath(context), listen(context.config()));
    }

    private static long queueBytes(ProviderConfig config) {
        long bytes = config.memorySize("queue-size");
        if (bytes < QUEUE_BYTES_MIN) {
            throw refused("queue-size", config, "at least 64K");
        }
        return bytes;
    }

    private static Path identityPath(ProviderContext context) {
        String configured = context.config().text("identity-file");
        return configured.isEmpty()
                ? context.dataFolder().resolve(FOLDER).resolve(IDENTITY_FILE)
                : Path.of(configured);
    }

    private static IdentityKey identityKey(ProviderContext context) {
        try {
            return new IdentityFile(identityPath(context)).loadOrCreate();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private static ConfigurationException unusable(IOException e) {
        ConfigurationException refusal =
                new ConfigurationException("the node's identity: " + e.getMessage());
        refusal.initCause(e);
        return refusal;
    }

    private static HostOptions hostOptions(ProviderConfig config) {
        HostOptions defaults = HostOptions.of(listen(config));
        int threads = (int) config.number("threads", 0, 64);
        int connections = (int) config.number("connections-max", 4, 65_536);
        Duration handshake = config.duration("handshake-timeout");
        return new HostOptions(
                defaults.listen(),
                threads == 0 ? defaults.loopThreads() : threads,
                config.duration("connect-timeout"),
                handshake,
                handshake.dividedBy(2),
                config.duration("keep-alive-interval"),
                config.duration("keep-alive-timeout"),
                connections,
                Math.max(4, connections / 4),
                Math.max(4, connections / 8),
                defaults.streamsMax(),
                YamuxLimits.DEFAULT);
    }

    private static InetSocketAddress listen(ProviderConfig config) {
        String text = config.text("listen");
        int colon = text.lastIndexOf(':');
        String expected = "host:port, such as 0.0.0.0:4001 or [::]:4001";
        if (colon <= 0) {
            throw refused("listen", config, expected);
        }
        String host = text.substring(0, colon).replace("[", "").replace("]", "");
        try {
            InetSocketAddress address =
                    new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
            if (address.isUnresolved()) {
                throw refused("listen", config, expected + ", with a host that exists");
            }
            return address;
        } catch (IllegalArgumentException _) {
            throw refused("listen", config, expected);
        }
    }

    private static ConfigurationException refused(
            String name, ProviderConfig config, String expected) {
        return new ConfigurationException(
                "ridgeline.transport.libp2p." + name, config.text(name), expected);
    }
}
