package io.ridgeline.transport.libp2p.host;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A stream of bytes in both directions, one of many on a connection, for one protocol.
///
/// Belongs to its connection's thread: every method is called there, see [P2pConnection#execute].
public interface P2pStream {

    /// {@return the protocol that it was opened for}
    String protocol();

    /// {@return the connection that carries it}
    P2pConnection connection();

    /// Says who takes what comes, from now on.
    void reader(StreamReader reader);

    /// Queues bytes, which belong to the stream from now on. What is written while [#writable] is
    /// `false` is queued all the same: asking first is the writer's part.
    ///
    /// @return completes when the last byte is on its way
    CompletionStage<@Nullable Void> write(ByteBuffer... data);

    /// {@return whether little enough is queued}
    boolean writable();

    /// Says what to call whenever [#writable] has become `true` again.
    void onWritable(Runnable action);

    /// Ends our direction, behind what is queued.
    void closeWrite();

    /// Ends both directions at once; what is queued is dropped.
    void reset(String reason);

    /// Gives the peer room for so many bytes more.
    void consumed(int bytes);

    /// {@return completes when both directions have ended}
    CompletionStage<@Nullable Void> closed();
}
