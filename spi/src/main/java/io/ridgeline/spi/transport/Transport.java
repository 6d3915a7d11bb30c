package io.ridgeline.spi.transport;

import io.ridgeline.spi.NodeId;
import java.nio.ByteBuffer;

/// Carries messages between the nodes of a cluster: at most once, in order per peer and lane, each
/// message whole or not at all. Peers are authenticated. Any thread may call it; no call blocks.
public interface Transport extends AutoCloseable {

    /// Starts to listen and to connect. Called once, before anything else.
    void start(MessageHandler handler);

    /// Hands a message over. It may leave at once or wait for [#flush], and it may be lost.
    ///
    /// @param message the transport's from now on; at most [#messageBytesMax] remain
    /// @return whether it was taken; `false` if the peer is not connected, or its queue is full,
    ///   and the message was dropped
    /// @throws IllegalArgumentException if the message is too large
    boolean send(NodeId to, Lane lane, ByteBuffer message);

    /// Sends what was handed over so far; called once at the end of a turn, so that a turn's
    /// messages to a peer share one system call.
    void flush();

    /// {@return the largest message in bytes; at least 8 MiB}
    int messageBytesMax();

    /// Stops listening, closes connections. Idempotent.
    @Override
    void close();
}
