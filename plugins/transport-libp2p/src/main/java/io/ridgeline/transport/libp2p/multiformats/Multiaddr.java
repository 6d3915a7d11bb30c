package io.ridgeline.transport.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a peer is: `/ip4/10.0.0.1/tcp/4001/p2p/12D3KooW…` as text, a sequence of codes and values
/// as bytes.
public final class Multiaddr {
    /// Longer ones are refused.
    public static final int BYTES_MAX = 1024;

    private record Part(AddressProtocol protocol, String value) {
        @Override
        public String toString() {
            return "/" + protocol.text() + (protocol.size() == 0 ? "" : "/" + value);
        }
    }

    private final List<Part> parts;
    private final String text;

    private Multiaddr(List<Part> parts) {
        this.parts = List.copyOf(parts);
        StringBuilder joined = new StringBuilder();
        parts.forEach(joined::append);
        this.text = joined.toString();
    }

    /// {@return the address of a TCP socket}
    public static Multiaddr of(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        String kind = address == null ? "dns" : address instanceof Inet4Address ? "ip4" : "ip6";
        String host = address == null ? socket.getHostString() : withoutZone(address);
        return parse("/" + kind + "/" + host + "/tcp/" + socket.getPort());
    }

    private static String withoutZone(InetAddress address) {
        String host = address.getHostAddress();
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    /// {@return the address in a text}
    ///
    /// @throws MalformedException if it has a part that we do not know, or a wrong value
    public static Multiaddr parse(String text) {
        if (!text.startsWith("/") || text.length() > BYTES_MAX) {
            throw new MalformedException("not a multiaddr: \"" + text + "\"");
        }
        List<Part> parts = new ArrayList<>();
        List<String> words = List.of(text.substring(1).split("/", -1));
        int next = 0;
        while (next < words.size()) {
            String word = words.get(next++);
            AddressProtocol protocol =
                    AddressProtocol.byText(word)
                            .orElseThrow(() ->
                                    new MalformedException(
                                            "unknown part \"" + word + "\" in " + text));
            String value = "";
            if (protocol.size() != 0) {
                if (next == words.size()) {
                    throw new MalformedException("/" + word + " has no value in " + text);
                }
                value = words.get(next++);
            }
            // Through bytes and back, so that equal addresses have equal text.
            parts.add(
                    new Part(
                            protocol,
                            AddressValue.toText(protocol, AddressValue.toBytes(protocol, value))));
        }
        return new Multiaddr(parts);
    }

    /// {@return the address in these bytes, all of them}
    public static Multiaddr fromBytes(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > BYTES_MAX) {
            throw new MalformedException("an address of " + bytes.length + " bytes");
        }
        List<Part> parts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            int code = Uvarint.readInt(in, Integer.MAX_VALUE);
            AddressProtocol protocol =
                    AddressProtocol.byCode(code)
                            .orElseThrow(
                                    () -> new MalformedException("unknown address part " + code));
            int size =
                    protocol.size() == AddressProtocol.PREFIXED
                            ? Uvarint.readInt(in, BYTES_MAX)
                            : protocol.size();
            if (size > in.remaining()) {
                throw new MalformedException("/" + protocol.text() + " ends early");
            }
            byte[] value = new byte[size];
            in.get(value);
            parts.add(new Part(protocol, AddressValue.toText(protocol, value)));
        }
        return new Multiaddr(parts);
    }

    /// {@return the address as bytes}
    public byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Part part : parts) {
            out.writeBytes(Uvarint.encode(part.protocol().code()));
            byte[] value = AddressValue.toBytes(part.protocol(), part.value());
            if (part.protocol().size() == AddressProtocol.PREFIXED) {
                out.writeBytes(Uvarint.encode(value.length));
            }
            out.writeBytes(value);
        }
        return out.toByteArray();
    }

    /// {@return the peer that the address names at its end, if it does}
    public Optional<PeerId> peerId() {
        Part last = parts.getLast();
        return last.protocol() == AddressProtocol.P2P
                ? Optional.of(PeerId.parse(last.value()))
                : Optional.empty();
    }

    /// {@return the same address with this peer at its end}
    public Multiaddr withPeerId(PeerId peer) {
        List<Part> extended = new ArrayList<>(parts);
        if (extended.getLast().protocol() == AddressProtocol.P2P) {
            extended.removeLast();
        }
        extended.add(new Part(AddressProtocol.P2P, peer.toString()));
        return new Multiaddr(extended);
    }

    /// {@return host and port to connect to, unresolved; empty if this is not plain TCP}
    public Optional<InetSocketAddress> tcpSocket() {
        int size = parts.size();
        boolean plain =
                size == 2 || (size == 3 && parts.getLast().protocol() == AddressProtocol.P2P);
        if (!plain || parts.get(1).protocol() != AddressProtocol.TCP) {
            return Optional.empty();
        }
        return switch (parts.getFirst().protocol()) {
            case IP4, IP6, DNS, DNS4, DNS6 ->
                    Optional.of(
                            InetSocketAddress.createUnresolved(
                                    parts.getFirst().value(),
                                    Integer.parseInt(parts.get(1).value())));
            default -> Optional.empty();
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Multiaddr that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
