package io.ridgeline.topology.gossip;

import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.TransportIdentity;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The members are those that gossip tells of: `ridgeline.topology.type=gossip`. They start with
/// some seeds, or find each other on the local network.
public final class GossipTopologyProvider implements TopologyProvider {
    private static final System.Logger LOG =
            System.getLogger(GossipTopologyProvider.class.getName());
    private static final String PREFIX = "ridgeline.topology.gossip.";
    private static final String FOLDER = "topology-gossip";

    /// For [java.util.ServiceLoader].
    public GossipTopologyProvider() {}

    @Override
    public String id() {
        return "gossip";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return GossipOptions.KEYS;
    }

    @Override
    public Topology create(
            ProviderContext context,
            String cluster,
            ProtocolVersions versions,
            Optional<Credentials> lent) {
        Credentials credentials =
                lent.orElseThrow(() ->
                        new ConfigurationException(
                                "ridgeline.topology.type",
                                id(),
                                "a transport that lends its identity, such as"
                                        + " ridgeline.transport.type=libp2p"));
        GossipOptions options = GossipOptions.of(context.config());
        requireSelf(context, credentials.self().identity(), options.allow());
        DatagramSocket socket = bind(options.listen());
        try {
            return started(context, cluster, versions, credentials, options, socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void requireSelf(ProviderContext context, String identity, AllowList allow) {
        if (!allow.isEmpty() && !identity.equals(allow.identityOf(context.node()))) {
            throw new ConfigurationException(
                    PREFIX + "allow",
                    context.config().text("allow"),
                    "a list with this node in it: " + context.node() + "=" + identity);
        }
    }

    private static Topology started(
            ProviderContext context,
            String cluster,
            ProtocolVersions versions,
            Credentials credentials,
            GossipOptions options,
            DatagramSocket socket) {
        long nowNanos = System.nanoTime();
        MemoryFile file =
                new MemoryFile(context.dataFolder().resolve(FOLDER), cluster, context.node());
        Memory memory = file.load().orElse(Memory.NONE);
        List<HostPort> others = new ArrayList<>(options.seeds());
        memory.others().forEach(each -> others.add(each.state().gossip()));
        HostPort gossip = advertisedGossip(options, socket, others);
        MemberState fresh =
                new MemberState(
                        context.node(),
                        credentials.self().identity(),
                        address(options, credentials),
                        gossip,
                        options.labels(),
                        0,
                        System.currentTimeMillis(),
                        List.of(),
                        versions);
        requireRoom(fresh, cluster, credentials, options);
        DropLog drops = new DropLog(text -> LOG.log(System.Logger.Level.WARNING, text), nowNanos);
        Membership membership =
                new Membership(cluster, fresh, credentials, options, memory, file, drops, nowNanos);
        if (!membership.own().labels().equals(options.labels())) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}labels are {1}, but those that the cluster was founded with stay: {2}",
                    PREFIX,
                    options.labels(),
                    membership.own().labels());
        }
        Mdns mdns = options.mdns() ? mdns(cluster, context, gossip) : null;
        GossipTopology topology =
                new GossipTopology(
                        membership,
                        drops,
                        socket,
                        seeds(options.seeds(), mdns),
                        mdns == null ? () -> {} : mdns::close,
                        options.interval());
        try {
            return topology.start();
        } catch (InterruptedException e) {
            topology.close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other nodes", e);
        }
    }

    private static Supplier<List<HostPort>> seeds(List<HostPort> configured, @Nullable Mdns mdns) {
        return () -> {
            if (mdns == null) {
                return configured;
            }
            List<HostPort> all = new ArrayList<>(configured);
            all.addAll(mdns.places());
            return all;
        };
    }

    private static Mdns mdns(String cluster, ProviderContext context, HostPort gossip) {
        try {
            return new Mdns(cluster)
                    .start(
                            context.node().name(),
                            InetAddress.getByName(gossip.host()),
                            gossip.port());
        } catch (UnknownHostException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            PREFIX + "advertise-gossip",
                            gossip.toString(),
                            "a host that can be looked up: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static DatagramSocket bind(HostPort listen) {
        try {
            return new DatagramSocket(
                    new InetSocketAddress(InetAddress.getByName(listen.host()), listen.port()));
        } catch (IOException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            PREFIX + "listen",
                            listen.toString(),
                            "an address of this machine with a free UDP port: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static HostPort advertisedGossip(
            GossipOptions options, DatagramSocket socket, List<HostPort> others) {
        HostPort advertised = options.advertiseGossip();
        if (advertised != null) {
            return advertised;
        }
        InetAddress bound = socket.getLocalAddress();
        InetAddress address = bound.isAnyLocalAddress() ? OwnAddress.towards(others) : bound;
        return new HostPort(address.getHostAddress().replaceAll("%.*", ""), socket.getLocalPort());
    }

    private static String address(GossipOptions options, Credentials credentials) {
        TransportIdentity self = credentials.self();
        String address = options.advertise();
        if (address.isEmpty()) {
            address = self.addresses().isEmpty() ? "" : self.addresses().getFirst();
        }
        if (!credentials.canReach(self.identity(), address)) {
            throw new ConfigurationException(
                    PREFIX + "advertise",
                    address,
                    "an address at which the transport of other nodes reaches this one, such as"
                            + " /dns4/db1.example.org/tcp/4001");
        }
        return address;
    }

    /// A state travels in one datagram.
    private static void requireRoom(
            MemberState fresh, String cluster, Credentials credentials, GossipOptions options) {
        int votes = Long.BYTES * options.founders();
        try {
            SignedState signed = SignedState.sign(fresh, cluster, credentials);
            int bytes = signed.bytes().length + signed.signature().length + votes;
            int most = new DatagramCodec(cluster, options.key()).stateBytesMax();
            if (bytes > most) {
                throw new IllegalArgumentException(
                        "name, addresses and labels take " + bytes + " bytes, most is " + most);
            }
        } catch (IllegalArgumentException e) {
            ConfigurationException failure =
                    new ConfigurationException(
                            "what this node tells of itself fits no datagram: "
                                    + e.getMessage()
                                    + "; shorten "
                                    + PREFIX
                                    + "labels or "
                                    + PREFIX
                                    + "advertise");
            failure.initCause(e);
            throw failure;
        }
    }
}
