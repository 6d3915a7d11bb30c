package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.Meter;
import io.ridgeline.spi.Metered;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.transport.libp2p.host.ConnectionListener;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.identify.IdentifyService;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.ping.PingProtocol;
import io.ridgeline.transport.libp2p.tcp.HostOptions;
import io.ridgeline.transport.libp2p.tcp.TcpHost;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/// The transport of a cluster over libp2p. Dials every member of the topology, takes connections of
/// members only, and knows a node by the PeerId that the topology gives it.
public final class Libp2pTransport implements Transport, Metered {
    private static final System.Logger LOG = System.getLogger(Libp2pTransport.class.getName());

    private final Topology topology;
    private final TransportOptions options;
    private final P2pHost host;
    private final FailureLog failures = new FailureLog();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("libp2p-redial").factory());
    private final ExecutorService workers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("libp2p-handler-", 0).factory());
    private final Redialer redialer;

    private volatile Directory directory;
    private volatile Map<NodeId, Peer> peers = Map.of();
    private volatile Map<PeerId, Peer> peersById = Map.of();

    /// Outlives the membership of a peer: the end of its connection has to be told.
    private final ConcurrentMap<P2pConnection, Peer> peerOf = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /// @throws io.ridgeline.spi.config.ConfigurationException if the topology cannot be used
    public Libp2pTransport(
            IdentityKey identity,
            HostOptions hostOptions,
            TransportOptions options,
            Topology topology) {
        this.topology = topology;
        this.options = options;
        this.directory = new Directory(topology.view(), identity.peerId());
        this.host = new TcpHost(identity, hostOptions, peer -> directory.allows(peer));
        this.redialer =
                new Redialer(
                        host, timer, options.redialMin(), options.redialMax(), new SecureRandom());
        host.addProtocol(new Lanes());
        host.addProtocol(new PingProtocol());
        var _ = IdentifyService.on(host, identity.publicKey(), "ridgeline");
    }

    @Override
    public void start(MessageHandler handler) {
        Executor executor = handler.mayBlock() ? workers : Runnable::run;
        update(handler, executor, directory);
        host.addListener(new Connections());
        host.start();
        LOG.log(System.Logger.Level.INFO, () -> "listening on " + host.listenAddresses());
        directory.byNode().values().forEach(this::watch);
        topology.onChange(_ -> follow(handler, executor));
        // What has changed since this object was made was told to nobody.
        follow(handler, executor);
    }

    private void watch(Directory.Entry entry) {
        redialer.watch(entry.peerId(), List.of(entry.address()));
    }

    /// The view is read under the lock: of two calls the later one knows no less.
    private synchronized void follow(MessageHandler handler, Executor executor) {
        if (closed) {
            return;
        }
        Directory next;
        try {
            next = new Directory(topology.view(), host.peerId());
        } catch (RuntimeException e) {
            // The members that we know stay; a view that makes sense will come.
            LOG.log(System.Logger.Level.ERROR, "a view of the cluster cannot be used", e);
            return;
        }
        Directory before = directory;
        directory = next;
        update(handler, executor, next);
        for (Directory.Entry entry : before.byNode().values()) {
            if (!next.allows(entry.peerId())) {
                redialer.unwatch(entry.peerId());
                host.disconnect(entry.peerId(), "not a member any more");
            }
        }
        for (Directory.Entry entry : next.byNode().values()) {
            if (!entry.equals(before.byNode().get(entry.node()))) {
                watch(entry);
            }
        }
    }

    private synchronized void update(MessageHandler handler, Executor executor, Directory current) {
        Map<NodeId, Peer> byNode = new TreeMap<>();
        Map<PeerId, Peer> byId = new TreeMap<>();
        for (Directory.Entry entry : current.byNode().values()) {
            Peer known = peers.get(entry.node());
            Peer peer =
                    known != null && known.peerId().equals(entry.peerId())
                            ? known
                            : new Peer(
                                    entry.node(),
                                    entry.peerId(),
                                    host,
                                    handler,
                                    executor,
                                    options.queueBytesMax());
            byNode.put(entry.node(), peer);
            byId.put(entry.peerId(), peer);
        }
        peers = byNode;
        peersById = byId;
    }

    @Override
    public boolean send(NodeId to, Lane lane, ByteBuffer message) {
        if (message.remaining() > LaneProtocol.MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "message of "
                            + message.remaining()
                            + " bytes, at most "
                            + LaneProtocol.MESSAGE_BYTES_MAX);
        }
        Peer peer = peers.get(to);
        PeerLink link = peer == null ? null : peer.active();
        return link != null && link.offer(lane, message);
    }

    @Override
    public void flush() {
        for (Peer peer : peers.values()) {
            PeerLink link = peer.active();
            if (link != null) {
                link.flush();
            }
        }
    }

    @Override
    public int messageBytesMax() {
        return LaneProtocol.MESSAGE_BYTES_MAX;
    }

    /// {@return where it listens, real ports, our PeerId at the end}
    public List<Multiaddr> listenAddresses() {
        return host.listenAddresses();
    }

    /// {@return what has been counted so far}
    public TransportMetrics metrics() {
        List<TransportMetrics.PeerMetrics> list = new ArrayList<>();
        peers.values().forEach(peer -> list.add(peer.metrics()));
        return new TransportMetrics(list, failures.inbound());
    }

    @Override
    public List<Meter> meters() {
        return Meters.of(metrics());
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        timer.shutdownNow();
        host.stop();
        workers.shutdown();
    }

    /// Keeps links and dials in step with the host's connections.
    private final class Connections implements ConnectionListener {
        @Override
        public void onOpened(P2pConnection connection) {
            LOG.log(System.Logger.Level.INFO, () -> "connected: " + connection);
            redialer.onOpened(connection.remotePeerId());
            Peer peer = peersById.get(connection.remotePeerId());
            if (peer == null) {
                connection.close("not a member any more");
                return;
            }
            peerOf.put(connection, peer);
            peer.onOpened(connection);
        }

        @Override
        public void onClosed(P2pConnection connection, String reason) {
            LOG.log(System.Logger.Level.INFO, () -> "disconnected: " + connection + ": " + reason);
            Peer peer = peerOf.remove(connection);
            if (peer != null) {
                if (connection.isCutOff()) {
                    failures.onViolation(peer, reason);
                }
                peer.onClosed(connection, reason);
            }
            redialer.onClosed(connection.remotePeerId());
        }

        @Override
        public void onFailed(@Nullable PeerId dialled, HandshakeException failure) {
            failures.onFailed(dialled == null ? null : peersById.get(dialled), failure);
        }
    }

    /// Takes the lanes that peers open.
    private final class Lanes implements ProtocolBinding<P2pStream> {
        @Override
        public List<String> announce() {
            return List.of(LaneProtocol.ID);
        }

        @Override
        public CompletionStage<P2pStream> init(P2pStream stream, boolean initiator) {
            PeerLink link =
                    Optional.ofNullable(peerOf.get(stream.connection()))
                            .flatMap(peer -> peer.link(stream.connection()))
                            .orElseThrow(() -> new IllegalStateException("a lane of a stranger"));
            stream.reader(link.receiver(stream));
            return CompletableFuture.completedFuture(stream);
        }
    }
}
