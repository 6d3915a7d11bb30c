package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import io.ridgeline.transport.libp2p.multiformats.UvarintDecoder;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The receiving end of a lane: puts messages together and returns credit for those that have been
/// handled. A peer that sends beyond its credit loses its connection.
final class LaneReceiver implements StreamReader {
    /// Most messages fit.
    private static final int BODY_BYTES_FIRST = 64 * 1024;

    private static final int BODY_GROWTH = 4;

    private final P2pStream stream;
    private final PeerLink link;
    private final UvarintDecoder lengths = new UvarintDecoder();
    private final AtomicLong handledBytes = new AtomicLong();

    private @Nullable Lane lane;
    private long credit = LaneProtocol.INITIAL_CREDIT_BYTES;
    private @Nullable ByteBuffer body;
    private int bodyBytes;

    LaneReceiver(P2pStream stream, PeerLink link) {
        this.stream = stream;
        this.link = link;
    }

    @Override
    public void onData(ByteBuffer data) {
        // Kept or dropped, it has left the stream: the lane's own credit is what bounds memory.
        stream.consumed(data.remaining());
        try {
            Lane known = lane;
            if (known == null) {
                known = LaneProtocol.lane(data.get());
                lane = known;
                link.onLane(known);
                grant(LaneProtocol.WINDOW_BYTES - LaneProtocol.INITIAL_CREDIT_BYTES);
            }
            credit -= data.remaining();
            if (credit < 0) {
                throw new MalformedException("lane " + known + " sent beyond its credit");
            }
            read(known, data);
        } catch (MalformedException e) {
            stream.connection().cutOff(String.valueOf(e.getMessage()));
        }
    }

    private void read(Lane known, ByteBuffer data) {
        while (data.hasRemaining()) {
            ByteBuffer current = body;
            if (current == null) {
                long length = lengths.next(data);
                if (length == Uvarint.INCOMPLETE) {
                    return;
                }
                if (length > LaneProtocol.MESSAGE_BYTES_MAX) {
                    throw new MalformedException(
                            "message of "
                                    + length
                                    + " bytes, at most "
                                    + LaneProtocol.MESSAGE_BYTES_MAX);
                }
                bodyBytes = (int) length;
                current = ByteBuffer.allocate(Math.min(bodyBytes, BODY_BYTES_FIRST));
                body = current;
            } else if (!current.hasRemaining()) {
                current = larger(current);
                body = current;
            }
            int count = Math.min(current.remaining(), data.remaining());
            current.put(data.slice(data.position(), count));
            data.position(data.position() + count);
            if (current.position() == bodyBytes) {
                body = null;
                int cost = Uvarint.size(bodyBytes) + bodyBytes;
                link.delivery().add(known, current.flip(), () -> onHandled(cost));
            }
        }
    }

    /// What is announced costs a peer nothing, so no more is set aside than what has come
    /// justifies.
    private ByteBuffer larger(ByteBuffer full) {
        long capacity = Math.min(bodyBytes, (long) full.capacity() * BODY_GROWTH);
        return ByteBuffer.allocate((int) capacity).put(full.flip());
    }

    /// Called by whoever has handled a message.
    private void onHandled(int bytes) {
        long before = handledBytes.getAndAdd(bytes);
        boolean crossed =
                before < LaneProtocol.GRANT_BYTES && before + bytes >= LaneProtocol.GRANT_BYTES;
        if (!crossed) {
            return;
        }
        if (stream.connection().onThread()) {
            grant(handledBytes.getAndSet(0));
        } else {
            stream.connection().execute(() -> grant(handledBytes.getAndSet(0)));
        }
    }

    private void grant(long bytes) {
        credit += bytes;
        var _ = stream.write(ByteBuffer.wrap(Uvarint.encode(bytes)));
    }

    @Override
    public void onRemoteClosed() {
        stream.closeWrite();
    }

    @Override
    public void onReset(String reason) {}
}
