package io.ridgeline.transport.libp2p.host;

import java.nio.ByteBuffer;

/// Takes what a peer sends on a stream. Called on the connection's thread; must not block.
public interface StreamReader {

    /// Bytes have come.
    ///
    /// @param data valid during the call only. Whoever keeps the bytes copies them, and in any case
    ///   says with [P2pStream#consumed] when it is done with them: until then they count against
    ///   the peer's window
    void onData(ByteBuffer data);

    /// The peer will send nothing more; what we send still arrives.
    void onRemoteClosed();

    /// The stream is dead in both directions: by the peer, by us, or with its connection.
    void onReset(String reason);
}
