package io.ridgeline.transport.libp2p.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Connects to peers: names become addresses, addresses are tried one after the other, and the last
/// failure tells why none led to the peer. A dial that fails leaves nothing behind.
final class Dialer {
    private static final int SOCKETS_MAX = 32;

    /// An honest peer has answered by then.
    private static final long CROSSING_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    /// Runs what may be settled by a dial of the other side, once that has had its time.
    private static final Executor CROSSING =
            CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS);

    private final UpgradeContext context;
    private final EventLoops loops;
    private final ChannelGroup channels;
    private final Consumer<MuxedConnection> onUpgraded;
    private final BiConsumer<PeerId, HandshakeException> onFailed;
    private final ConnectionTable table;

    /// Since when, on the clock of [System#nanoTime].
    private final Map<PeerId, Long> shakingHands = new ConcurrentHashMap<>();

    Dialer(
            UpgradeContext context,
            EventLoops loops,
            ChannelGroup channels,
            ConnectionTable table,
            Consumer<MuxedConnection> onUpgraded,
            BiConsumer<PeerId, HandshakeException> onFailed) {
        this.context =
                context.allowing(peer -> context.allowed().test(peer) && isStillNeeded(peer));
        this.table = table;
        this.loops = loops;
        this.channels = channels;
        this.onUpgraded = onUpgraded;
        this.onFailed = onFailed;
    }

    /// A peer that has connected meanwhile gets no second connection: the last moment to see that
    /// is before we say who we are.
    private boolean isStillNeeded(PeerId peer) {
        if (table.preferred(peer).isPresent()) {
            throw new HandshakeException(HandshakeFailure.DUPLICATE, peer + " has connected");
        }
        return true;
    }

    /// {@return whether a dial has got as far as a TCP connection just now, and not yet further}
    boolean isShakingHands(PeerId peer) {
        Long since = shakingHands.get(peer);
        return since != null && System.nanoTime() - since < CROSSING_NANOS_MAX;
    }

    void dial(PeerId peer, List<Multiaddr> addresses, CompletableFuture<P2pConnection> result) {
        // Looking names up blocks, so it has a thread of its own.
        Thread.ofVirtual()
                .name("libp2p-resolve")
                .start(() -> dialNext(peer, resolve(addresses), null, result));
    }

    private static Deque<InetSocketAddress> resolve(List<Multiaddr> addresses) {
        Deque<InetSocketAddress> sockets = new ArrayDeque<>();
        for (Multiaddr address : addresses) {
            InetSocketAddress socket = address.tcpSocket().orElse(null);
            if (socket == null) {
                continue;
            }
            try {
                for (InetAddress each : InetAddress.getAllByName(socket.getHostString())) {
                    if (sockets.size() < SOCKETS_MAX) {
                        sockets.add(new InetSocketAddress(each, socket.getPort()));
                    }
                }
            } catch (UnknownHostException _) {
                // The next address may do; if none does, the dial fails as unreachable.
            }
        }
        return sockets;
    }

    private void dialNext(
            PeerId peer,
            Deque<InetSocketAddress> rest,
            @Nullable HandshakeException last,
            CompletableFuture<P2pConnection> result) {
        InetSocketAddress socket = rest.pollFirst();
        if (socket == null) {
            HandshakeException failure = last;
            if (failure == null) {
                failure =
                        new HandshakeException(
                                HandshakeFailure.UNREACHABLE, "no usable address of " + peer);
                onFailed.accept(peer, failure);
            }
            result.completeExceptionally(failure);
            return;
        }
        UpgradeContext.Outcome outcome =
                new UpgradeContext.Outcome() {
                    @Override
                    public void onUpgraded(MuxedConnection connection) {
                        shakingHands.remove(peer);
                        onUpgraded.accept(connection);
                        result.complete(connection);
                    }

                    @Override
                    public void onFailed(HandshakeException failure) {
                        shakingHands.remove(peer);
                        if (failure.failure() == HandshakeFailure.CLOSED) {
                            // The peer may have closed it because its own dial is under way.
                            CROSSING.execute(() -> onFailedAttempt(peer, rest, failure, result));
                        } else {
                            onFailedAttempt(peer, rest, failure, result);
                        }
                    }
                };
        connect(peer, socket, new UpgradeHandler(context, true, peer, outcome), outcome);
    }

    private void onFailedAttempt(
            PeerId peer,
            Deque<InetSocketAddress> rest,
            HandshakeException failure,
            CompletableFuture<P2pConnection> result) {
        MuxedConnection meanwhile = table.preferred(peer).orElse(null);
        if (meanwhile != null) {
            result.complete(meanwhile);
            return;
        }
        onFailed.accept(peer, failure);
        dialNext(peer, rest, failure, result);
    }

    private void connect(
            PeerId peer,
            InetSocketAddress socket,
            UpgradeHandler upgrade,
            UpgradeContext.Outcome outcome) {
        try {
            loops.client(context.options().connectTimeout())
                    .handler(
                            new ChannelInitializer<>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    channels.add(channel);
                                    channel.pipeline().addLast(upgrade);
                                }
                            })
                    .connect(socket)
                    .addListener(done -> {
                        if (done.isSuccess()) {
                            shakingHands.put(peer, System.nanoTime());
                        } else {
                            upgrade.fail(unreachable(socket, done.cause()));
                        }
                    });
        } catch (RuntimeException e) {
            // The loops have been shut down, or there can be no socket: whoever dials hears of it.
            outcome.onFailed(unreachable(socket, e));
        }
    }

    private static HandshakeException unreachable(InetSocketAddress socket, Throwable cause) {
        return new HandshakeException(
                HandshakeFailure.UNREACHABLE, socket + ": " + cause.getMessage(), cause);
    }
}
