package io.ridgeline.spi.transport;

import io.ridgeline.spi.NodeId;
import java.nio.ByteBuffer;

/// Receives what peers sent. Called from the transport's threads, one call at a time per peer and
/// lane, in order; must not block for long, since a slow handler slows its peer.
public interface MessageHandler {

    /// A message from an authenticated peer.
    ///
    /// @param from the peer, as the transport authenticated it
    /// @param lane the lane on which it came
    /// @param message belongs to the handler from now on
    void onMessage(NodeId from, Lane lane, ByteBuffer message);

    /// {@return whether [#onMessage] may wait for long: for a lock, a slow disk, another node. A
    /// transport calls one that waits for a fast disk's sync at most on the thread that reads the
    /// connection, which saves a wake-up; one that may wait is called where it stops its own lane
    /// only}
    default boolean mayBlock() {
        return true;
    }

    /// A connection to the peer exists from now on; what was sent before may have been lost.
    void onConnected(NodeId peer);

    /// No connection to the peer exists any more.
    void onDisconnected(NodeId peer);
}
