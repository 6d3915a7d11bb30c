package io.ridgeline.transport.libp2p.identity;

import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// What `ridgeline identity show` and `ridgeline identity create` do: a node's PeerId and the
/// addresses by which its peers may know it.
public final class IdentityTool {

    private final IdentityFile file;
    private final InetSocketAddress listen;

    /// @param identityFile where the key is, or is to be
    /// @param listen where the node listens
    public IdentityTool(Path identityFile, InetSocketAddress listen) {
        this.file = new IdentityFile(identityFile);
        this.listen = listen;
    }

    /// {@return the identity in the file}
    ///
    /// @throws java.nio.file.NoSuchFileException if there is none
    /// @throws IOException if it cannot be trusted
    public TransportIdentity show() throws IOException {
        return describe(file.load());
    }

    /// {@return a new identity, kept in the file}
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if there is one already
    public TransportIdentity create() throws IOException {
        return describe(file.create());
    }

    /// {@return what the owner of a key is known by}
    public TransportIdentity describe(IdentityKey key) throws IOException {
        PeerId peer = key.peerId();
        return new TransportIdentity(
                peer.toString(),
                reachable().stream()
                        .map(socket -> Multiaddr.of(socket).withPeerId(peer).toString())
                        .toList());
    }

    private List<InetSocketAddress> reachable() throws IOException {
        InetAddress address = listen.getAddress();
        if (address == null || !address.isAnyLocalAddress()) {
            return List.of(listen);
        }
        List<InetSocketAddress> found =
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(each -> !each.isLoopbackAddress() && !each.isLinkLocalAddress())
                        // IPv4 first: where both exist it is what peers are more likely to have.
                        .sorted(Comparator.comparing(Inet6Address.class::isInstance))
                        .map(each -> new InetSocketAddress(each, listen.getPort()))
                        .toList();
        return found.isEmpty()
                ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), listen.getPort()))
                : found;
    }
}
