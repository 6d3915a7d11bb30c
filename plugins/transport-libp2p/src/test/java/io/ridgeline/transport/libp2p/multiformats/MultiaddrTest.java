package io.ridgeline.transport.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {
    private static final String PEER = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    @ParameterizedTest
    @CsvSource({
        "/ip4/127.0.0.1/tcp/4001/p2p/"
                + PEER
                + ",047f000001060fa1a503260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
        "/ip6/::1/tcp/4001,2900000000000000000000000000000001060fa1",
        "/dns4/node-1.local/tcp/4001,360c6e6f64652d312e6c6f63616c060fa1",
        "/ip6/2001:db8::8:0:0:1/udp/1/quic-v1,2920010db8000000000008000000000001910200" + "01cd03",
    })
    void isTheSameAsTextAndAsBytes(String text, String hex) {
        Multiaddr address = Multiaddr.parse(text);

        assertThat(HexFormat.of().formatHex(address.toBytes())).isEqualTo(hex);
        assertThat(Multiaddr.fromBytes(HexFormat.of().parseHex(hex)))
                .isEqualTo(address)
                .hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.1:4001",
                "/ip4/1.2.3.256/tcp/1",
                "/ip4/1.2.3.4/tcp/65536",
                "/ip4/1.2.3.4/tcp/-1",
                "/ip4/1.2.3.4/tcp",
                "/ip4/1.2.3.4/tcp/x",
                "/ip6/1.2.3.4/tcp/1",
                "/ip6/::ffff:1.2.3.4/tcp/1",
                "/ip6/fe80::1%lo/tcp/1",
                "/dns4//tcp/1",
                "/p2p/nobody",
                "/onion3/abc"
            })
    void thatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "04", "047f0000", "04ffffff", "a503", "a50326002408", "ffff7f", "3600"})
    void thatEndsEarlyOrHasUnknownPartsIsRefusedAsBytes(String hex) {
        assertThatThrownBy(() -> Multiaddr.fromBytes(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void saysWhereToConnectAndToWhom() {
        Multiaddr address = Multiaddr.parse("/dns/node-2/tcp/4001");
        PeerId peer = PeerId.parse(PEER);

        assertThat(address.tcpSocket())
                .contains(InetSocketAddress.createUnresolved("node-2", 4001));
        assertThat(address.peerId()).isEmpty();
        assertThat(address.withPeerId(peer).peerId()).contains(peer);
        assertThat(address.withPeerId(peer).withPeerId(peer).tcpSocket()).isPresent();
        assertThat(Multiaddr.parse("/ip4/1.2.3.4/udp/1/quic-v1").tcpSocket()).isEmpty();
        assertThat(Multiaddr.parse("/ip4/1.2.3.4/tcp/1/ws").tcpSocket()).isEmpty();
    }

    @Test
    void ofASocketHasNoZone() throws Exception {
        InetAddress scoped = InetAddress.getByName("fe80::1%1");

        assertThat(Multiaddr.of(new InetSocketAddress(scoped, 7)))
                .hasToString("/ip6/fe80::1/tcp/7");
        assertThat(Multiaddr.of(InetSocketAddress.createUnresolved("there", 7)))
                .hasToString("/dns/there/tcp/7");
    }
}
