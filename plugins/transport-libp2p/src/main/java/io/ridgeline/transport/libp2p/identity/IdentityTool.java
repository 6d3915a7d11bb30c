package io.ridgeline.transport.libp2p.identity;

import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.List;

/// What `ridgeline identity show` and `ridgeline identity create` do: a node's PeerId and the
/// addresses by which its peers may know it.
public final class IdentityTool {

    /// What a node's peers need for their list of members.
    ///
    /// @param peerId the member's `identity`
    /// @param addresses candidates for the member's `address`; one unless the node listens on all
    ///   interfaces
    public record Identity(PeerId peerId, List<Multiaddr> addresses) {
        public Identity {
            addresses = List.copyOf(addresses);
        }
    }

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
    /// @throws IOException if there is none, or it cannot be trusted
    public Identity show() throws IOException {
        return describe(file.load());
    }

    /// {@return a new identity, kept in the file}
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if there is one already
    public Identity create() throws IOException {
        return describe(file.create());
    }

    private Identity describe(IdentityKey key) throws IOException {
        PeerId peer = key.peerId();
        return new Identity(
                peer,
                reachable().stream().map(socket -> Multiaddr.of(socket).withPeerId(peer)).toList());
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
                        .map(each -> new InetSocketAddress(each, listen.getPort()))
                        .toList();
        return found.isEmpty()
                ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), listen.getPort()))
                : found;
    }
}
