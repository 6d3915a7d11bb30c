package io.ridgeline.topology.gossip;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which of its addresses a machine is reached at, if it listens on all of them.
final class OwnAddress {
    private OwnAddress() {}

    /// {@return the address from which the first of the others is reached that can be looked up;
    /// else one that is not loopback, IPv4 first; else loopback}
    ///
    /// Nothing is sent for it.
    static InetAddress towards(List<HostPort> others) {
        for (HostPort other : others) {
            Optional<InetAddress> found = towards(other);
            if (found.isPresent()) {
                return found.get();
            }
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(each -> !each.isLoopbackAddress() && !each.isLinkLocalAddress())
                    .min(Comparator.comparing(each -> !(each instanceof Inet4Address)))
                    .orElseGet(InetAddress::getLoopbackAddress);
        } catch (SocketException _) {
            return InetAddress.getLoopbackAddress();
        }
    }

    private static Optional<InetAddress> towards(HostPort other) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getByName(other.host()), other.port()));
            InetAddress local = socket.getLocalAddress();
            return local.isAnyLocalAddress() ? Optional.empty() : Optional.of(local);
        } catch (IOException | UncheckedIOException _) {
            return Optional.empty();
        }
    }
}
