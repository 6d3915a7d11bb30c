package io.ridgeline.transport.libp2p.tcp;

import io.ridgeline.transport.libp2p.host.ConnectionListener;
import io.ridgeline.transport.libp2p.host.P2pConnection;
import io.ridgeline.transport.libp2p.identify.IdentifyService;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import io.ridgeline.transport.libp2p.noise.HandshakeException;
import io.ridgeline.transport.libp2p.noise.HandshakeFailure;
import io.ridgeline.transport.libp2p.ping.PingProtocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A host on loopback that speaks everything and notes what happens to it.
public final class TestHost implements AutoCloseable, ConnectionListener {
    final TcpHost host;
    final IdentifyService identify;
    final List<P2pConnection> opened = new CopyOnWriteArrayList<>();
    final List<String> closed = new CopyOnWriteArrayList<>();
    final List<HandshakeFailure> failures = new CopyOnWriteArrayList<>();

    public TestHost() {
        this(_ -> true, Duration.ofSeconds(10));
    }

    /// @param patience for all that has a timeout
    TestHost(Predicate<PeerId> allowed, Duration patience) {
        this(IdentityKey.generate(), allowed, patience);
    }

    TestHost(IdentityKey identity, Predicate<PeerId> allowed, Duration patience) {
        HostOptions defaults =
                HostOptions.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        host =
                new TcpHost(
                        identity,
                        new HostOptions(
                                defaults.listen(),
                                2,
                                patience,
                                patience,
                                patience.dividedBy(2),
                                patience,
                                patience,
                                40,
                                16,
                                12,
                                defaults.streamsMax(),
                                defaults.yamux()),
                        allowed);
        host.addProtocol(TestProtocols.ECHO);
        host.addProtocol(TestProtocols.SINK);
        host.addProtocol(TestProtocols.RESET);
        host.addProtocol(new PingProtocol());
        identify = IdentifyService.on(host, identity.publicKey(), "ridgeline-test");
        host.addListener(this);
        host.start();
    }

    public TcpHost host() {
        return host;
    }

    public IdentifyService identify() {
        return identify;
    }

    public PeerId peerId() {
        return host.peerId();
    }

    public Multiaddr address() {
        return host.listenAddresses().getFirst();
    }

    InetSocketAddress socket() {
        InetSocketAddress unresolved = address().tcpSocket().orElseThrow();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), unresolved.getPort());
    }

    public P2pConnection connect(PeerId peer, Multiaddr address) {
        return host.connect(peer, List.of(address)).orTimeout(20, TimeUnit.SECONDS).join();
    }

    P2pConnection connect(TestHost to) {
        return connect(to.peerId(), to.address());
    }

    @Override
    public void onOpened(P2pConnection connection) {
        opened.add(connection);
    }

    @Override
    public void onClosed(P2pConnection connection, String reason) {
        closed.add(reason);
    }

    @Override
    public void onFailed(@Nullable PeerId dialled, HandshakeException failure) {
        failures.add(failure.failure());
    }

    @Override
    public void close() {
        host.stop();
    }
}
