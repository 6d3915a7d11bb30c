package io.ridgeline.transport.libp2p.host;

import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import org.jspecify.annotations.Nullable;

/// Hears of connections. Called on the connection's thread; must not block.
public interface ConnectionListener {

    /// A connection is ready for streams.
    void onOpened(P2pConnection connection);

    /// A connection has ended.
    void onClosed(P2pConnection connection, String reason);

    /// A connection did not come to be.
    ///
    /// @param dialled whom we dialled; null if somebody dialled us
    void onFailed(@Nullable PeerId dialled, HandshakeException failure);
}
