package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.TransportIdentity;
import io.ridgeline.transport.libp2p.identity.IdentityKey;
import io.ridgeline.transport.libp2p.identity.PublicKey;
import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.PeerId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Signs with the node's identity key. A PeerId of an Ed25519 key holds the key, so a peer need not
/// be known for its signature to be verified.
public final class KeyCredentials implements Credentials {
    /// What Noise and peer records sign begins with other words.
    private static final String DOMAIN = "ridgeline-credentials:";

    private final IdentityKey key;
    private final TransportIdentity self;

    /// @param self what the key's owner is known by
    public KeyCredentials(IdentityKey key, TransportIdentity self) {
        this.key = key;
        this.self = self;
    }

    @Override
    public TransportIdentity self() {
        return self;
    }

    @Override
    public byte[] sign(String purpose, byte[] message) {
        return key.sign(bytes(purpose, message));
    }

    @Override
    public boolean verify(String identity, String purpose, byte[] message, byte[] signature) {
        try {
            return PeerId.parse(identity)
                    .publicKey()
                    .map(encoded ->
                            PublicKey.decode(encoded).verify(bytes(purpose, message), signature))
                    .orElse(false);
        } catch (MalformedException _) {
            return false;
        }
    }

    private static byte[] bytes(String purpose, byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((DOMAIN + purpose).getBytes(StandardCharsets.UTF_8));
        // Ends the purpose: no message can be taken for one of a longer or a shorter purpose.
        out.write(0);
        out.writeBytes(message);
        return out.toByteArray();
    }

    @Override
    public boolean canReach(String identity, String address) {
        try {
            PeerId peerId = PeerId.parse(identity);
            // Only the one form: the same peer under two names of it would be two members.
            return identity.equals(peerId.toString()) && Directory.reachable(address, peerId);
        } catch (MalformedException _) {
            return false;
        }
    }
}
