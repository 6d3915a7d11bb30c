package io.ridgeline.transport.libp2p.multiformats;

import java.util.Arrays;
import java.util.Optional;

/// The parts of which a [Multiaddr] may be made.
enum AddressProtocol {
    IP4("ip4", 4, 4),
    TCP("tcp", 6, 2),
    IP6("ip6", 41, 16),
    IP6ZONE("ip6zone", 42, AddressProtocol.PREFIXED),
    DNS("dns", 53, AddressProtocol.PREFIXED),
    DNS4("dns4", 54, AddressProtocol.PREFIXED),
    DNS6("dns6", 55, AddressProtocol.PREFIXED),
    DNSADDR("dnsaddr", 56, AddressProtocol.PREFIXED),
    UDP("udp", 273, 2),
    P2P_CIRCUIT("p2p-circuit", 290, 0),
    P2P("p2p", 421, AddressProtocol.PREFIXED),
    TLS("tls", 448, 0),
    NOISE("noise", 454, 0),
    QUIC_V1("quic-v1", 461, 0),
    WS("ws", 477, 0),
    WSS("wss", 478, 0);

    /// The value has its length in front of it.
    static final int PREFIXED = -1;

    private final String text;
    private final int code;
    private final int size;

    AddressProtocol(String text, int code, int size) {
        this.text = text;
        this.code = code;
        this.size = size;
    }

    String text() {
        return text;
    }

    int code() {
        return code;
    }

    /// {@return the bytes of the value, or [#PREFIXED]}
    int size() {
        return size;
    }

    static Optional<AddressProtocol> byText(String text) {
        // The old name of /p2p is still written by many.
        String name = text.equals("ipfs") ? "p2p" : text;
        return Arrays.stream(values()).filter(p -> p.text.equals(name)).findFirst();
    }

    static Optional<AddressProtocol> byCode(int code) {
        return Arrays.stream(values()).filter(p -> p.code == code).findFirst();
    }
}
