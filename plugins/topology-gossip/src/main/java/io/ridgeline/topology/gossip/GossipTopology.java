package io.ridgeline.topology.gossip;

import io.ridgeline.spi.Meter;
import io.ridgeline.spi.Metered;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Gossips on a thread of its own, which receives, sends, and tells of views.
final class GossipTopology implements Topology, Metered {
    private static final System.Logger LOG = System.getLogger(GossipTopology.class.getName());
    private static final long SAID_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Membership membership;
    private final DropLog drops;
    private final AtomicLong received = new AtomicLong();
    private final DatagramSocket socket;
    private final Supplier<List<HostPort>> seeds;
    private final Runnable onClose;
    private final long intervalNanos;
    private final Resolver resolver = new Resolver();
    private final RandomGenerator random = new SecureRandom();
    private final List<Consumer<ClusterView>> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch hasView = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable ClusterView view;
    private volatile String waiting = "";
    private volatile boolean closed;
    private String failure = "";

    /// @param drops is told by the membership what it does not use
    /// @param socket is closed with this object
    /// @param seeds where to ask first; may change
    /// @param onClose what else has to be closed
    GossipTopology(
            Membership membership,
            DropLog drops,
            DatagramSocket socket,
            Supplier<List<HostPort>> seeds,
            Runnable onClose,
            Duration interval) {
        this.membership = membership;
        this.drops = drops;
        this.socket = socket;
        this.seeds = seeds;
        this.onClose = onClose;
        this.intervalNanos = interval.toNanos();
        thread = Thread.ofPlatform().daemon().name("gossip").unstarted(this::run);
    }

    /// Starts to gossip, and waits until the founders of the cluster are known. Says now and then
    /// what it waits for.
    GossipTopology start() throws InterruptedException {
        thread.start();
        long said = System.nanoTime();
        while (!hasView.await(100, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - said >= SAID_NANOS) {
                said = System.nanoTime();
                LOG.log(System.Logger.Level.INFO, "not in a cluster yet: {0}", waiting);
            }
        }
        return this;
    }

    private void run() {
        // One byte more than is accepted: a longer datagram shows.
        byte[] buffer = new byte[DatagramCodec.BYTES_MAX + 1];
        long nextTick = System.nanoTime();
        while (!closed) {
            try {
                long now = System.nanoTime();
                if (now - nextTick >= 0) {
                    tick(now);
                    // Nodes that were started together do not go on in step.
                    nextTick = now + intervalNanos - random.nextLong(intervalNanos / 10 + 1);
                } else {
                    receive(buffer, nextTick - now);
                }
            } catch (RuntimeException e) {
                // One datagram or one tick, not the thread: without it all members fall silent.
                LOG.log(System.Logger.Level.ERROR, "a failure of gossip; it goes on", e);
            }
        }
    }

    private void tick(long now) {
        try {
            membership.onTick(now);
            failure = "";
        } catch (UncheckedIOException e) {
            report(e);
        }
        waiting = failure.isEmpty() ? membership.waiting() : failure;
        publish(now);
        List<byte[]> datagrams = membership.datagrams(true);
        for (HostPort partner : membership.partners(seeds.get(), random)) {
            resolver.resolve(partner, now).ifPresent(to -> send(datagrams, to));
        }
    }

    private void report(UncheckedIOException e) {
        String text = e.getMessage() + ": " + e.getCause();
        if (!text.equals(failure)) {
            LOG.log(System.Logger.Level.ERROR, "{0}; trying again", text);
            failure = text;
        }
    }

    private void publish(long now) {
        membership
                .view(now)
                .filter(next -> !next.equals(view))
                .ifPresent(next -> {
                    boolean first = view == null;
                    logChanges(view, next);
                    view = next;
                    if (first) {
                        hasView.countDown();
                    } else {
                        listeners.forEach(each -> each.accept(next));
                    }
                });
    }

    private static void logChanges(@Nullable ClusterView before, ClusterView next) {
        List<String> changes = new ArrayList<>();
        for (var member : next.members()) {
            var known = before == null ? null : before.member(member.node()).orElse(null);
            if (known == null) {
                changes.add(member.node() + " at " + member.address() + " is a member");
            } else if (known.health() != member.health()) {
                changes.add(member.node() + " is " + member.health());
            } else if (!known.equals(member)) {
                changes.add(member.node() + " has restarted, at " + member.address());
            }
        }
        if (!changes.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, "members: {0}", String.join("; ", changes));
        }
    }

    private void receive(byte[] buffer, long nanos) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        try {
            // Not 0, which would be for ever.
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
            socket.receive(packet);
        } catch (SocketTimeoutException _) {
            return;
        } catch (IOException e) {
            if (!closed) {
                LOG.log(System.Logger.Level.DEBUG, "receiving gossip", e);
            }
            return;
        }
        received.incrementAndGet();
        InetSocketAddress from = (InetSocketAddress) packet.getSocketAddress();
        send(membership.onDatagram(buffer, packet.getLength(), from, System.nanoTime()), from);
    }

    private void send(List<byte[]> datagrams, InetSocketAddress to) {
        try {
            for (byte[] each : datagrams) {
                socket.send(new DatagramPacket(each, each.length, to));
            }
        } catch (IOException | IllegalArgumentException e) {
            // As good as lost on the way; there will be others.
            LOG.log(System.Logger.Level.DEBUG, () -> "sending gossip to " + to, e);
        }
    }

    @Override
    public ClusterView view() {
        ClusterView newest = view;
        if (newest == null) {
            throw new IllegalStateException("not started");
        }
        return newest;
    }

    @Override
    public void onChange(Consumer<ClusterView> listener) {
        listeners.add(listener);
    }

    @Override
    public List<Meter> meters() {
        List<Meter> meters = new ArrayList<>();
        meters.add(
                new Meter(
                        "received.datagrams",
                        "Datagrams of gossip that came in, whoever sent them",
                        true,
                        new TreeMap<>(),
                        received.get()));
        for (Dropped.Cause cause : Dropped.Cause.values()) {
            meters.add(
                    new Meter(
                            "dropped",
                            "Datagrams of gossip, or states of members in them, that were not used",
                            true,
                            new TreeMap<>(Map.of("cause", cause.name())),
                            drops.dropped(cause)));
        }
        return meters;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            listeners.clear();
            socket.close();
            onClose.run();
        }
    }
}
