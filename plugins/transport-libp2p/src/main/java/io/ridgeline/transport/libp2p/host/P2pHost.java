package io.ridgeline.transport.libp2p.host;

import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A libp2p node: listens, dials, and runs protocols on the streams of its connections. Any thread
/// may call it; no call blocks but [#start] and [#stop].
public interface P2pHost {

    /// {@return who we are}
    PeerId peerId();

    /// {@return where we listen, real ports, our PeerId at the end}
    List<Multiaddr> listenAddresses();

    /// Starts to listen.
    ///
    /// @throws java.io.UncheckedIOException if an address cannot be had
    void start();

    /// Ends all connections and stops listening. Idempotent.
    void stop();

    /// {@return the protocol ids for which streams are accepted}
    List<String> protocols();

    /// Accepts streams for a protocol from now on.
    void addProtocol(ProtocolBinding<?> binding);

    /// Tells a listener of later connections.
    void addListener(ConnectionListener listener);

    /// Connects to a peer, trying one address after the other. Dials of the same peer are one, and
    /// a connection that exists is used.
    CompletableFuture<P2pConnection> connect(PeerId peer, List<Multiaddr> addresses);

    /// Ends all connections to a peer.
    void disconnect(PeerId peer, String reason);

    /// {@return the connections that are ready for streams}
    List<P2pConnection> connections();

    /// {@return the connection to use for new streams to a peer. If there are several, both sides
    /// choose the same one: of the side with the smaller PeerId, and of its the newest}
    Optional<P2pConnection> connection(PeerId peer);

    /// Opens a stream for a protocol, proposing the ids that it announces.
    <C> StreamPromise<C> newStream(P2pConnection connection, ProtocolBinding<C> binding);
}
