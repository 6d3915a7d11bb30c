package io.ridgeline.runtime.node;

import io.ridgeline.engine.Shard;
import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.runtime.cluster.Hello;
import io.ridgeline.runtime.cluster.Peers;
import io.ridgeline.runtime.cluster.RemoteBounds;
import io.ridgeline.runtime.shard.ShardInput;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/// Hands what peers sent to the shards, and what nodes say to each other beside the engine, to who
/// knows. Bucket b talks to bucket b.
///
/// Bounded: beyond the limit messages are dropped, as the network may drop them; the engine sends
/// again. So are messages that come before the shards exist.
final class PeerInbox implements MessageHandler {
    private static final Logger LOG = Logger.getLogger(PeerInbox.class);
    private static final long BYTES_MAX = 32L << 20;
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Peers peers;
    private final RemoteBounds bounds;
    private final AtomicLong bytes = new AtomicLong();
    private final Map<NodeId, Malformed> malformed = new HashMap<>();
    private final SortedSet<NodeId> connected = new TreeSet<>();
    private volatile List<ShardLoop> loops = List.of();

    /// What of a peer made no sense, and when that is said next.
    private static final class Malformed {
        long unsaid;
        long nextNanos;

        Malformed(long nextNanos) {
            this.nextNanos = nextNanos;
        }
    }

    PeerInbox(Peers peers, RemoteBounds bounds) {
        this.peers = peers;
        this.bounds = bounds;
    }

    /// The shards exist from now on.
    void attach(List<ShardLoop> started) {
        synchronized (connected) {
            loops = List.copyOf(started);
            connected.forEach(this::tellConnected);
        }
    }

    /// {@return the peers that there is a connection to, sorted}
    List<NodeId> connected() {
        synchronized (connected) {
            return List.copyOf(connected);
        }
    }

    /// What is done here waits for one sync of a fast disk, at most.
    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
        try {
            if (Hello.isOne(message)) {
                peers.onHello(from, message);
                return;
            }
            if (peers.isForeign(from)) {
                return;
            }
            if (RemoteBounds.isOne(message)) {
                bounds.onMessage(from, message);
                return;
            }
            onFrame(from, message);
        } catch (MalformedMessageException e) {
            onMalformed(from, e);
        }
    }

    /// Whoever sends one sends many.
    private void onMalformed(NodeId from, MalformedMessageException cause) {
        long now = System.nanoTime();
        long more;
        synchronized (malformed) {
            Malformed known = malformed.computeIfAbsent(from, _ -> new Malformed(now));
            if (now - known.nextNanos < 0) {
                known.unsaid++;
                return;
            }
            more = known.unsaid;
            known.unsaid = 0;
            known.nextNanos = now + PAUSE_NANOS;
        }
        LOG.warnf(
                "message of node %s dropped: %s%s",
                from,
                cause.getMessage(),
                more == 0 ? "" : " (" + more + " more since the last line)");
    }

    private void onFrame(NodeId from, ByteBuffer message) {
        int length = message.remaining();
        int bucket = new FrameReader(message.duplicate()).header().bucket();
        List<ShardLoop> known = loops;
        if (bucket >= known.size()) {
            return;
        }
        if (bytes.addAndGet(length) > BYTES_MAX) {
            bytes.addAndGet(-length);
            return;
        }
        known.get(bucket)
                .submitOrRun(
                        new ShardInput() {
                            @Override
                            public void apply(Shard shard, long nowNanos) {
                                bytes.addAndGet(-length);
                                shard.onMessage(from, message, nowNanos);
                            }

                            @Override
                            public int bytes() {
                                return length;
                            }
                        });
    }

    @Override
    public void onConnected(NodeId peer) {
        peers.onConnected(peer);
        synchronized (connected) {
            if (connected.add(peer)) {
                tellConnected(peer);
            }
        }
    }

    private void tellConnected(NodeId peer) {
        loops.forEach(loop -> loop.submit((shard, now) -> shard.onConnected(peer, now)));
    }

    @Override
    public void onDisconnected(NodeId peer) {
        bounds.onDisconnected(peer);
        synchronized (connected) {
            connected.remove(peer);
            loops.forEach(loop -> loop.submit((shard, now) -> shard.onDisconnected(peer, now)));
        }
    }
}
