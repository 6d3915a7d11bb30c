package io.ridgeline.transport.libp2p.identify;

import io.ridgeline.transport.libp2p.host.ConnectionListener;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.host.P2pHost;
import io.ridgeline.transport.libp2p.host.P2pStream;
import io.ridgeline.transport.libp2p.host.ProtocolBinding;
import io.ridgeline.transport.libp2p.host.StreamReader;
import io.ridgeline.transport.libp2p.identity.PublicKey;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.multiformats.Uvarint;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// libp2p's identify and identify push: answers who asks, asks every new peer, takes what peers
/// push, and pushes when what we speak has changed.
public final class IdentifyService implements ConnectionListener {
    /// The protocol with which one asks.
    public static final String ID = "/ipfs/id/1.0.0";

    /// The protocol with which one tells unasked.
    public static final String PUSH_ID = "/ipfs/id/push/1.0.0";

    private static final String PROTOCOL_VERSION = "ridgeline/1";
    private static final long TIMEOUT_SECONDS = 10;

    private final P2pHost host;
    private final PublicKey publicKey;
    private final String agent;
    private final ConcurrentMap<PeerId, PeerInfo> infos = new ConcurrentHashMap<>();
    private final ProtocolBinding<IdentifyMessage> asking = new Asking();
    private final ProtocolBinding<IdentifyMessage> pushing = new Pushing();

    private IdentifyService(P2pHost host, PublicKey publicKey, String agent) {
        this.host = host;
        this.publicKey = publicKey;
        this.agent = agent;
    }

    /// {@return the service, at work on a host}
    public static IdentifyService on(P2pHost host, PublicKey publicKey, String agent) {
        IdentifyService service = new IdentifyService(host, publicKey, agent);
        host.addProtocol(service.asking);
        host.addProtocol(service.pushing);
        host.addListener(service);
        return service;
    }

    /// {@return what a connected peer has said of itself so far}
    public Optional<PeerInfo> info(PeerId peer) {
        return Optional.ofNullable(infos.get(peer));
    }

    /// Tells all connected peers what we speak now.
    public void push() {
        host.connections().forEach(connection -> host.newStream(connection, pushing));
    }

    @Override
    public void onOpened(P2pConnection connection) {
        host.newStream(connection, asking);
    }

    @Override
    public void onClosed(P2pConnection connection, String reason) {
        if (host.connection(connection.remotePeerId()).isEmpty()) {
            infos.remove(connection.remotePeerId());
        }
    }

    @Override
    public void onFailed(@Nullable PeerId dialled, HandshakeException failure) {}

    private void tell(P2pStream stream) {
        byte[] message =
                IdentifyMessage.encode(
                        publicKey.encode(),
                        PROTOCOL_VERSION,
                        agent,
                        host.listenAddresses(),
                        host.protocols(),
                        stream.connection().remoteAddress());
        stream.reader(new Ignoring(stream));
        var _ =
                stream.write(
                        ByteBuffer.wrap(Uvarint.encode(message.length)), ByteBuffer.wrap(message));
        stream.closeWrite();
    }

    private CompletionStage<IdentifyMessage> listen(P2pStream stream) {
        MessageCollector collector = new MessageCollector(stream);
        stream.reader(collector);
        stream.closeWrite();
        PeerId peer = stream.connection().remotePeerId();
        return collector
                .result()
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .whenComplete((message, failure) -> {
                    if (failure == null) {
                        take(peer, message);
                    } else {
                        stream.connection().execute(() -> stream.reset("identify took too long"));
                    }
                });
    }

    private void take(PeerId peer, IdentifyMessage message) {
        if (message.publicKey().map(key -> isKeyOf(peer, key)).orElse(true)) {
            infos.merge(
                    peer, PeerInfo.UNKNOWN.updated(message), (known, _) -> known.updated(message));
        }
    }

    private static boolean isKeyOf(PeerId peer, byte[] key) {
        try {
            return PublicKey.decode(key).peerId().equals(peer);
        } catch (MalformedException _) {
            return false;
        }
    }

    private final class Asking implements ProtocolBinding<IdentifyMessage> {
        @Override
        public List<String> announce() {
            return List.of(ID);
        }

        @Override
        public CompletionStage<IdentifyMessage> init(P2pStream stream, boolean initiator) {
            if (initiator) {
                return listen(stream);
            }
            tell(stream);
            return CompletableFuture.completedFuture(new IdentifyMessage());
        }
    }

    private final class Pushing implements ProtocolBinding<IdentifyMessage> {
        @Override
        public List<String> announce() {
            return List.of(PUSH_ID);
        }

        @Override
        public CompletionStage<IdentifyMessage> init(P2pStream stream, boolean initiator) {
            if (!initiator) {
                return listen(stream);
            }
            tell(stream);
            return CompletableFuture.completedFuture(new IdentifyMessage());
        }
    }

    /// Who only tells, hears nothing.
    private record Ignoring(P2pStream stream) implements StreamReader {
        @Override
        public void onData(ByteBuffer data) {
            stream.consumed(data.remaining());
        }

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(String reason) {}
    }
}
