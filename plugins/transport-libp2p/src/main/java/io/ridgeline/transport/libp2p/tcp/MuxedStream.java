package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.yamux.YamuxStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A yamux stream whose protocol is agreed on.
final class MuxedStream implements P2pStream {
    private final MuxedConnection connection;
    private final YamuxStream stream;
    private final String protocol;
    private @Nullable StreamReader reader;

    MuxedStream(MuxedConnection connection, YamuxStream stream, String protocol) {
        this.connection = connection;
        this.stream = stream;
        this.protocol = protocol;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public P2pConnection connection() {
        return connection;
    }

    @Override
    public void reader(StreamReader next) {
        reader = next;
        stream.reader(next);
    }

    /// {@return who takes what comes}
    StreamReader currentReader() {
        StreamReader current = reader;
        if (current == null) {
            throw new IllegalStateException(protocol + " set no reader");
        }
        return current;
    }

    @Override
    public CompletionStage<@Nullable Void> write(ByteBuffer... data) {
        return stream.write(data);
    }

    @Override
    public boolean writable() {
        return stream.writable();
    }

    @Override
    public void onWritable(Runnable action) {
        stream.onWritable(action);
    }

    @Override
    public void closeWrite() {
        stream.closeWrite();
    }

    @Override
    public void reset(String reason) {
        stream.reset(reason);
    }

    @Override
    public void consumed(int bytes) {
        stream.consumed(bytes);
    }

    @Override
    public CompletionStage<@Nullable Void> closed() {
        return stream.closed();
    }
}
