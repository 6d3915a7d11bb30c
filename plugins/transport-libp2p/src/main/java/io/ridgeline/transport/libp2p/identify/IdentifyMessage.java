package io.ridgeline.transport.libp2p.identify;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.wire.ProtoReader;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a peer says of itself. In a push, what is absent is unchanged.
final class IdentifyMessage {
    static final int BYTES_MAX = 8 * 1024;

    private static final int PUBLIC_KEY = 1;
    private static final int LISTEN_ADDRESSES = 2;
    private static final int PROTOCOLS = 3;
    private static final int OBSERVED_ADDRESS = 4;
    private static final int PROTOCOL_VERSION = 5;
    private static final int AGENT_VERSION = 6;

    private static final int ADDRESSES_MAX = 32;
    private static final int PROTOCOLS_MAX = 256;
    private static final int TEXT_BYTES_MAX = 256;

    private Optional<byte[]> publicKey = Optional.empty();
    private Optional<String> protocolVersion = Optional.empty();
    private Optional<String> agentVersion = Optional.empty();
    private Optional<Multiaddr> observed = Optional.empty();
    private final List<Multiaddr> addresses = new ArrayList<>();
    private final List<String> protocols = new ArrayList<>();

    /// {@return our own message}
    static byte[] encode(
            byte[] publicKey,
            String protocolVersion,
            String agentVersion,
            List<Multiaddr> addresses,
            List<String> protocols,
            Multiaddr observed) {
        ProtoWriter out = new ProtoWriter().bytes(PUBLIC_KEY, publicKey);
        addresses.forEach(each -> out.bytes(LISTEN_ADDRESSES, each.toBytes()));
        protocols.forEach(each -> out.text(PROTOCOLS, each));
        out.bytes(OBSERVED_ADDRESS, observed.toBytes());
        out.text(PROTOCOL_VERSION, protocolVersion).text(AGENT_VERSION, agentVersion);
        return out.toBytes();
    }

    /// Adds what a message says to what earlier ones said.
    void merge(byte[] message) {
        ProtoReader reader = new ProtoReader(message);
        for (int field = reader.next(); field != 0; field = reader.next()) {
            switch (field) {
                case PUBLIC_KEY -> publicKey = Optional.of(reader.bytes(BYTES_MAX));
                case LISTEN_ADDRESSES -> address(reader.bytes(BYTES_MAX)).ifPresent(this::add);
                case PROTOCOLS -> add(reader.text(TEXT_BYTES_MAX));
                case OBSERVED_ADDRESS -> observed = address(reader.bytes(BYTES_MAX));
                case PROTOCOL_VERSION -> protocolVersion = Optional.of(reader.text(TEXT_BYTES_MAX));
                case AGENT_VERSION -> agentVersion = Optional.of(reader.text(TEXT_BYTES_MAX));
                default -> {
                    // Signed records and whatever comes next.
                }
            }
        }
    }

    private static Optional<Multiaddr> address(byte[] bytes) {
        try {
            return Optional.of(Multiaddr.fromBytes(bytes));
        } catch (MalformedException _) {
            // Peers have addresses of kinds that we do not know.
            return Optional.empty();
        }
    }

    private void add(Multiaddr address) {
        if (addresses.size() < ADDRESSES_MAX) {
            addresses.add(address);
        }
    }

    private void add(String protocol) {
        if (protocols.size() == PROTOCOLS_MAX) {
            throw new MalformedException("more than " + PROTOCOLS_MAX + " protocols");
        }
        protocols.add(protocol);
    }

    Optional<byte[]> publicKey() {
        return publicKey;
    }

    Optional<String> protocolVersion() {
        return protocolVersion;
    }

    Optional<String> agentVersion() {
        return agentVersion;
    }

    Optional<Multiaddr> observed() {
        return observed;
    }

    List<Multiaddr> addresses() {
        return addresses;
    }

    List<String> protocols() {
        return protocols;
    }
}
