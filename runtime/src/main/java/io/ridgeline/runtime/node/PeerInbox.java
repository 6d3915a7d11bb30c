package io.ridgeline.runtime.node;

import io.ridgeline.engine.Shard;
import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.runtime.shard.ShardInput;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/// Hands what peers sent to the shards. Bucket b talks to bucket b.
///
/// Bounded: beyond the limit messages are dropped, as the network may drop them; the engine sends
/// again.
final class PeerInbox implements MessageHandler {
    private static final Logger LOG = Logger.getLogger(PeerInbox.class);
    private static final long BYTES_MAX = 32L << 20;

    private final List<ShardLoop> loops;
    private final AtomicLong bytes = new AtomicLong();

    PeerInbox(List<ShardLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    @Override
    public void onMessage(NodeId from, Lane lane, ByteBuffer message) {
        int length = message.remaining();
        int bucket = bucketOf(from, message);
        if (bucket < 0 || bucket >= loops.size()) {
            return;
        }
        if (bytes.addAndGet(length) > BYTES_MAX) {
            bytes.addAndGet(-length);
            return;
        }
        loops.get(bucket)
                .submit(
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

    private static int bucketOf(NodeId from, ByteBuffer message) {
        try {
            return new FrameReader(message.duplicate()).header().bucket();
        } catch (MalformedMessageException e) {
            LOG.warnf("message of %s dropped: %s", from, e.getMessage());
            return -1;
        }
    }

    @Override
    public void onConnected(NodeId peer) {
        loops.forEach(loop -> loop.submit((shard, now) -> shard.onConnected(peer, now)));
    }

    @Override
    public void onDisconnected(NodeId peer) {
        loops.forEach(loop -> loop.submit((shard, now) -> shard.onDisconnected(peer, now)));
    }
}
