package io.ridgeline.topology.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// On loopback, which many machines let multicast through.
class MdnsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void nodesOfTheSameClusterFindEachOther() {
        assumeTrue(loopbackCarriesMulticast(), "loopback carries no multicast on this machine");
        Mdns one = new Mdns("a").start("n1", LOOPBACK, 5_001);
        Mdns two = new Mdns("a").start("n2", LOOPBACK, 5_002);
        Mdns other = new Mdns("b").start("n3", LOOPBACK, 5_003);
        try {
            await("the others")
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            one.places().contains(place(5_002))
                                    && two.places().contains(place(5_001))
                                    && other.places().contains(place(5_003)));
            assertThat(one.places()).doesNotContain(place(5_003));
            assertThat(other.places()).containsExactly(place(5_003));
        } finally {
            one.close();
            two.close();
            other.close();
        }
    }

    private static HostPort place(int port) {
        return new HostPort(LOOPBACK.getHostAddress(), port);
    }

    static boolean loopbackCarriesMulticast() {
        try (MulticastSocket socket = new MulticastSocket(0)) {
            NetworkInterface loopback = NetworkInterface.getByInetAddress(LOOPBACK);
            InetSocketAddress group =
                    new InetSocketAddress(
                            InetAddress.ofLiteral("224.0.0.251"), socket.getLocalPort());
            socket.setNetworkInterface(loopback);
            socket.joinGroup(group, loopback);
            socket.setSoTimeout(1_000);
            socket.send(new DatagramPacket(new byte[] {1}, 1, group));
            socket.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
