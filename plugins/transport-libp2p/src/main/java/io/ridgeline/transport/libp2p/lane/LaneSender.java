package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.transport.Lane;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import io.ridgeline.transport.libp2p.multiformats.UvarintDecoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sending end of a lane: moves messages from the outbox to the stream as far as the peer's
/// credit and the stream's queue allow. Belongs to the connection's thread, but for the outbox.
final class LaneSender implements ProtocolBinding<LaneSender>, StreamReader {
    private static final int BATCH_BYTES_MAX = 64 * 1024;
    private static final long CREDIT_BYTES_MAX = 1L << 32;

    private final Lane lane;
    private final Outbox outbox;
    private final Consumer<String> onEnded;
    private final UvarintDecoder credits = new UvarintDecoder();
    private @Nullable P2pStream stream;
    private long credit = LaneProtocol.INITIAL_CREDIT_BYTES;

    /// The message that does not fit into a batch, or not into the credit at once.
    private @Nullable ByteBuffer header;

    private @Nullable ByteBuffer body;
    private int bodyBytes;

    /// @param onEnded told why, should the peer end the lane
    LaneSender(Lane lane, Outbox outbox, Consumer<String> onEnded) {
        this.lane = lane;
        this.outbox = outbox;
        this.onEnded = onEnded;
    }

    @Override
    public List<String> announce() {
        return List.of(LaneProtocol.ID);
    }

    @Override
    public CompletionStage<LaneSender> init(P2pStream opened, boolean initiator) {
        stream = opened;
        opened.reader(this);
        opened.onWritable(this::pump);
        var _ = opened.write(ByteBuffer.wrap(new byte[] {LaneProtocol.code(lane)}));
        pump();
        return CompletableFuture.completedFuture(this);
    }

    /// Sends what can be sent.
    void pump() {
        P2pStream out = stream;
        if (out == null) {
            return;
        }
        while (credit > 0 && out.writable()) {
            ByteBuffer next = header != null ? header : body;
            if (next != null) {
                sendPart(out, next);
                continue;
            }
            ByteBuffer batch = outbox.pollSmall((int) Math.min(credit, BATCH_BYTES_MAX));
            if (batch != null) {
                credit -= batch.remaining();
                var _ = out.write(batch);
                continue;
            }
            ByteBuffer large = outbox.poll();
            if (large == null) {
                return;
            }
            bodyBytes = large.remaining();
            header = ByteBuffer.wrap(Uvarint.encode(bodyBytes));
            body = large;
            if (bodyBytes == 0) {
                body = null;
                outbox.onSent(0);
            }
        }
    }

    private void sendPart(P2pStream out, ByteBuffer from) {
        int length = (int) Math.min(credit, from.remaining());
        credit -= length;
        var _ = out.write(from.slice(from.position(), length));
        from.position(from.position() + length);
        if (from.hasRemaining()) {
            return;
        }
        if (header != null) {
            header = null;
        } else {
            body = null;
            outbox.onSent(bodyBytes);
        }
    }

    /// Ends the lane from our side.
    void close(String reason) {
        P2pStream current = stream;
        stream = null;
        if (current != null) {
            current.reset(reason);
        }
    }

    @Override
    public void onData(ByteBuffer data) {
        P2pStream current = stream;
        if (current == null) {
            return;
        }
        current.consumed(data.remaining());
        for (long more = credits.next(data);
                more != Uvarint.INCOMPLETE;
                more = credits.next(data)) {
            if (more > CREDIT_BYTES_MAX - credit) {
                throw new MalformedException("credit of " + more + " beyond " + credit);
            }
            credit += more;
        }
        pump();
    }

    @Override
    public void onRemoteClosed() {
        onReset("closed by the peer");
    }

    @Override
    public void onReset(String reason) {
        if (stream != null) {
            stream = null;
            onEnded.accept("lane " + lane + ": " + reason);
        }
    }
}
