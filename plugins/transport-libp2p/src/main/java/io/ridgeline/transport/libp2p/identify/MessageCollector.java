package io.ridgeline.transport.libp2p.identify;

import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// Reads messages, each with its length in front, until the peer has no more.
final class MessageCollector implements StreamReader {
    private static final int MESSAGES_MAX = 10;

    private final P2pStream stream;
    private final CompletableFuture<IdentifyMessage> result = new CompletableFuture<>();
    private final IdentifyMessage message = new IdentifyMessage();
    private final ByteBuffer buffer = ByteBuffer.allocate(IdentifyMessage.BYTES_MAX + 8);
    private int messages;

    MessageCollector(P2pStream stream) {
        this.stream = stream;
    }

    /// {@return completes with all messages merged into one}
    CompletableFuture<IdentifyMessage> result() {
        return result;
    }

    @Override
    public void onData(ByteBuffer data) {
        stream.consumed(data.remaining());
        while (data.hasRemaining()) {
            int count = Math.min(buffer.remaining(), data.remaining());
            buffer.put(data.slice(data.position(), count));
            data.position(data.position() + count);
            readMessages();
        }
    }

    private void readMessages() {
        buffer.flip();
        while (true) {
            int start = buffer.position();
            long length = Uvarint.read(buffer);
            if (length > IdentifyMessage.BYTES_MAX) {
                throw new MalformedException("identify message of " + length + " bytes");
            }
            if (length == Uvarint.INCOMPLETE || length > buffer.remaining()) {
                buffer.position(start);
                break;
            }
            if (++messages > MESSAGES_MAX) {
                throw new MalformedException("more than " + MESSAGES_MAX + " identify messages");
            }
            byte[] bytes = new byte[(int) length];
            buffer.get(bytes);
            message.merge(bytes);
        }
        buffer.compact();
    }

    @Override
    public void onRemoteClosed() {
        stream.closeWrite();
        result.complete(message);
    }

    @Override
    public void onReset(String reason) {
        result.completeExceptionally(new IllegalStateException(reason));
    }
}
