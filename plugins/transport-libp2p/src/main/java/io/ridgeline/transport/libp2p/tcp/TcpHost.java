package io.ridgeline.transport.libp2p.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.ridgeline.transport.libp2p.host.ConnectionListener;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamPromise;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import io.ridgeline.transport.libp2p.noise.NoiseIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A libp2p node on TCP.
public final class TcpHost implements P2pHost {
    private static final Duration SHUTDOWN_PATIENCE = Duration.ofSeconds(2);

    /// How long the connection that both sides prefer has to prove itself before others give way.
    private static final long PROOF_SECONDS = 2;

    private final HostOptions options;
    private final UpgradeContext context;
    private final UpgradeContext inbound;
    private final EventLoops loops;
    private final HandshakePool handshakes = new HandshakePool();
    private final Protocols protocols = new Protocols();
    private final Admission admission;
    private final ConnectionTable table;
    private final Dialer dialer;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
    private final ConcurrentMap<PeerId, CompletableFuture<P2pConnection>> dials =
            new ConcurrentHashMap<>();
    private volatile @Nullable Channel server;
    private volatile boolean stopped;

    /// @param identity who we are
    /// @param allowed the allow list; asked in every handshake, on any thread
    public TcpHost(IdentityKey identity, HostOptions options, Predicate<PeerId> allowed) {
        this.options = options;
        this.loops = new EventLoops(options.loopThreads());
        this.context =
                new UpgradeContext(
                        new NoiseIdentity(identity),
                        options,
                        allowed,
                        handshakes,
                        new Semaphore(options.streamsMax()),
                        protocols);
        this.admission = new Admission(options);
        this.table = new ConnectionTable(identity.peerId());
        this.dialer =
                new Dialer(context, loops, channels, table, this::onUpgraded, this::onDialFailed);
        this.inbound = context.allowing(peer -> allowed.test(peer) && isOurTurn(peer));
    }

    /// Of two dials that cross, the one of the smaller PeerId goes on: here as the one that both
    /// prefer, see [ConnectionTable#preferred]. One that leads to somebody else, or to nobody,
    /// costs the peer a moment: it dials again.
    private boolean isOurTurn(PeerId peer) {
        if (dialer.isShakingHands(peer) && peerId().compareTo(peer) < 0) {
            throw new HandshakeException(
                    HandshakeFailure.DUPLICATE, "our own dial of " + peer + " is under way");
        }
        return true;
    }

    @Override
    public PeerId peerId() {
        return context.identity().peerId();
    }

    @Override
    public void start() {
        var bound =
                loops.server()
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        onAccepted(channel);
                                    }
                                })
                        .bind(options.listen())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(
                    new IOException("cannot listen on " + options.listen(), bound.cause()));
        }
        channels.add(bound.channel());
        server = bound.channel();
    }

    @Override
    public List<Multiaddr> listenAddresses() {
        Channel channel = server;
        if (channel == null) {
            return List.of();
        }
        InetSocketAddress address = (InetSocketAddress) channel.localAddress();
        return List.of(Multiaddr.of(address).withPeerId(peerId()));
    }

    private void onAccepted(Channel channel) {
        InetAddress from = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        if (stopped || !admission.enter(from)) {
            var _ = channel.close();
            listeners.forEach(each ->
                    each.onFailed(
                            null,
                            new HandshakeException(
                                    HandshakeFailure.OVERLOADED,
                                    "too many connections, or from " + from)));
            return;
        }
        channels.add(channel);
        channel.closeFuture().addListener(_ -> admission.leave());
        UpgradeContext.Outcome outcome =
                new UpgradeContext.Outcome() {
                    @Override
                    public void onUpgraded(MuxedConnection connection) {
                        admission.onUpgradeOver(from);
                        TcpHost.this.onUpgraded(connection);
                    }

                    @Override
                    public void onFailed(HandshakeException failure) {
                        admission.onUpgradeOver(from);
                        if (failure.failure() != HandshakeFailure.DUPLICATE) {
                            listeners.forEach(each -> each.onFailed(null, failure));
                        }
                    }
                };
        channel.pipeline().addLast(new UpgradeHandler(inbound, false, null, outcome));
    }

    private void onUpgraded(MuxedConnection connection) {
        if (stopped || !table.add(connection)) {
            connection.close(stopped ? "stopped" : "too many connections of one peer");
            return;
        }
        connection
                .closed()
                .whenComplete((reason, _) -> {
                    table.remove(connection);
                    listeners.forEach(each -> each.onClosed(connection, reason));
                });
        listeners.forEach(each -> each.onOpened(connection));
        settleOnOne(connection.remotePeerId());
    }

    /// Of several connections to a peer one stays. Not before it has proven that it is alive: it
    /// may be the one that the peer lost when it crashed.
    private void settleOnOne(PeerId peer) {
        if (table.of(peer).size() < 2) {
            return;
        }
        table.preferred(peer).ifPresent(this::askForProof);
    }

    private void askForProof(MuxedConnection preferred) {
        var _ =
                preferred
                        .ping()
                        .toCompletableFuture()
                        .orTimeout(PROOF_SECONDS, TimeUnit.SECONDS)
                        .whenComplete((_, failure) -> onProof(preferred, failure == null));
    }

    private void onProof(MuxedConnection preferred, boolean alive) {
        PeerId peer = preferred.remotePeerId();
        if (!alive) {
            preferred.close("silent while the peer connected anew");
        } else if (table.preferred(peer).equals(Optional.of(preferred))) {
            table.of(peer).stream()
                    .filter(each -> each != preferred)
                    .forEach(MuxedConnection::retire);
        }
    }

    private void onDialFailed(PeerId peer, HandshakeException failure) {
        listeners.forEach(each -> each.onFailed(peer, failure));
    }

    @Override
    public CompletableFuture<P2pConnection> connect(PeerId peer, List<Multiaddr> addresses) {
        Optional<P2pConnection> existing = connection(peer);
        if (existing.isPresent()) {
            return CompletableFuture.completedFuture(existing.get());
        }
        if (stopped) {
            return CompletableFuture.failedFuture(
                    new HandshakeException(HandshakeFailure.CLOSED, "stopped"));
        }
        CompletableFuture<P2pConnection> mine = new CompletableFuture<>();
        CompletableFuture<P2pConnection> first = dials.putIfAbsent(peer, mine);
        if (first != null) {
            return first;
        }
        CompletableFuture<P2pConnection> dial = new CompletableFuture<>();
        var _ =
                dial.whenComplete((connection, failure) -> {
                    // First: whoever hears of a failure may dial again.
                    dials.remove(peer, mine);
                    if (failure == null) {
                        mine.complete(connection);
                    } else {
                        mine.completeExceptionally(failure);
                    }
                });
        dialer.dial(peer, new ArrayList<>(addresses), dial);
        return mine;
    }

    @Override
    public void disconnect(PeerId peer, String reason) {
        table.of(peer).forEach(each -> each.close(reason));
    }

    @Override
    public List<P2pConnection> connections() {
        return List.copyOf(table.all());
    }

    @Override
    public Optional<P2pConnection> connection(PeerId peer) {
        return table.preferred(peer).map(each -> (P2pConnection) each);
    }

    @Override
    public List<String> protocols() {
        return protocols.announced();
    }

    @Override
    public void addProtocol(ProtocolBinding<?> binding) {
        protocols.add(binding);
    }

    @Override
    public void addListener(ConnectionListener listener) {
        listeners.add(listener);
    }

    @Override
    public <C> StreamPromise<C> newStream(P2pConnection connection, ProtocolBinding<C> binding) {
        if (!(connection instanceof MuxedConnection muxed)) {
            throw new IllegalArgumentException("not a connection of this host: " + connection);
        }
        return muxed.open(binding);
    }

    /// {@return inbound connections, ready or not}
    int inboundConnections() {
        return admission.connections();
    }

    /// {@return channels that are open, the listening one included}
    int openChannels() {
        return channels.size();
    }

    /// {@return how many more inbound streams would be accepted}
    int streamBudget() {
        return context.streamBudget().availablePermits();
    }

    @Override
    public void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        table.all().forEach(each -> each.close("stopped"));
        var _ = channels.close();
        loops.close(SHUTDOWN_PATIENCE);
        handshakes.close();
    }
}
