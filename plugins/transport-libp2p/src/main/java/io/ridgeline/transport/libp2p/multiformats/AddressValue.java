package io.ridgeline.transport.libp2p.multiformats;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The values within a [Multiaddr], between text and bytes.
final class AddressValue {
    private static final int DNS_CHARACTERS_MAX = 253;

    private AddressValue() {}

    static byte[] toBytes(AddressProtocol protocol, String text) {
        try {
            return switch (protocol) {
                case IP4 -> Inet4Address.ofLiteral(text).getAddress();
                case IP6 -> ip6(text);
                case TCP, UDP -> port(text);
                case P2P -> PeerId.parse(text).toBytes();
                case IP6ZONE, DNS, DNS4, DNS6, DNSADDR -> name(text);
                case P2P_CIRCUIT, TLS, NOISE, QUIC_V1, WS, WSS -> new byte[0];
            };
        } catch (IllegalArgumentException e) {
            throw new MalformedException(
                    "not a value of /" + protocol.text() + ": \"" + text + "\"", e);
        }
    }

    static String toText(AddressProtocol protocol, byte[] bytes) {
        return switch (protocol) {
            case IP4 -> address(bytes).getHostAddress();
            case IP6 -> shortened(bytes);
            case TCP, UDP -> Integer.toString(ByteBuffer.wrap(bytes).getShort() & 0xffff);
            case P2P -> PeerId.fromBytes(bytes).toString();
            case IP6ZONE, DNS, DNS4, DNS6, DNSADDR -> {
                String text = new String(bytes, StandardCharsets.US_ASCII);
                name(text);
                yield text;
            }
            case P2P_CIRCUIT, TLS, NOISE, QUIC_V1, WS, WSS -> "";
        };
    }

    private static byte[] ip6(String text) {
        byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
        if (bytes.length != AddressProtocol.IP6.size() || text.indexOf('%') >= 0) {
            throw new IllegalArgumentException("IPv4 in IPv6, or a zone");
        }
        return bytes;
    }

    private static byte[] port(String text) {
        int port = Integer.parseInt(text);
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port);
        }
        return ByteBuffer.allocate(2).putShort((short) port).array();
    }

    private static byte[] name(String text) {
        boolean plain =
                text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/')
                        && !text.isEmpty()
                        && text.length() <= DNS_CHARACTERS_MAX;
        if (!plain) {
            throw new MalformedException("not a name: \"" + text + "\"");
        }
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new MalformedException("not an address", e);
        }
    }

    /// The longest run of zero groups, if longer than one, becomes `::` (RFC 5952).
    private static String shortened(byte[] bytes) {
        int[] groups = new int[8];
        ByteBuffer in = ByteBuffer.wrap(bytes);
        for (int i = 0; i < groups.length; i++) {
            groups[i] = in.getShort() & 0xffff;
        }
        int start = 0;
        int length = 1;
        for (int i = 0; i < groups.length; i++) {
            int end = i;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < groups.length) {
            if (length > 1 && i == start) {
                text.append("::");
                i += length;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
                i++;
            }
        }
        return text.toString();
    }
}
