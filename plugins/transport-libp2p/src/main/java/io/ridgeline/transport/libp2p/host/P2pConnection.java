package io.ridgeline.transport.libp2p.host;

import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.concurrent.CompletionStage;

/// An authenticated, encrypted connection to an allowed peer.
public interface P2pConnection {

    /// {@return who is at the other end, proven}
    PeerId remotePeerId();

    /// {@return our end}
    Multiaddr localAddress();

    /// {@return the other end}
    Multiaddr remoteAddress();

    /// {@return whether we dialled}
    boolean initiator();

    /// Runs something on the connection's thread, in order. Dropped if that thread has ended.
    void execute(Runnable action);

    /// {@return whether this is the connection's thread}
    boolean onThread();

    /// Ends the connection and everything on it.
    void close(String reason);

    /// Ends it likewise because the peer does what no honest one does.
    void cutOff(String violation);

    /// {@return whether it was ended by [#cutOff]}
    boolean isCutOff();

    /// {@return completes with the reason when the connection has ended}
    CompletionStage<String> closed();

    /// Asks the peer for a sign of life.
    ///
    /// @return completes with the round trip in nanoseconds; fails with the connection
    CompletionStage<Long> ping();

    /// {@return what has gone over the connection so far}
    Traffic traffic();

    /// What has gone over a connection: bytes on the wire, and the last round trip in nanoseconds,
    /// or -1 if none was measured.
    record Traffic(long bytesSent, long bytesReceived, long roundTripNanos) {}
}
