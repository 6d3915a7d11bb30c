package io.ridgeline.transport.libp2p.host;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// A protocol that runs on streams.
///
/// @param <C> what a user of the protocol gets to work with
public interface ProtocolBinding<C> {

    /// {@return the ids to propose, the newest first}
    List<String> announce();

    /// {@return whether a proposed id is this protocol's}
    default boolean matches(String id) {
        return announce().contains(id);
    }

    /// Sets a stream up, on the connection's thread; the reader is in place when it returns.
    ///
    /// @param initiator whether we opened the stream
    CompletionStage<C> init(P2pStream stream, boolean initiator);
}
