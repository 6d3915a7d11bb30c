package io.ridgeline.topology.gossip;

import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.TransportIdentity;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/// A key pair; the identity is the public key in base64, an address is `somewhere:port`.
final class TestCredentials implements Credentials {
    private final KeyPair pair;
    private final String address;

    TestCredentials(String address) {
        this.address = address;
        try {
            pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String identity() {
        return Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    }

    @Override
    public TransportIdentity self() {
        return new TransportIdentity(identity(), List.of(address));
    }

    @Override
    public byte[] sign(String purpose, byte[] message) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(bytes(purpose, message));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean verify(String identity, String purpose, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(
                                    new X509EncodedKeySpec(Base64.getDecoder().decode(identity))));
            verifier.update(bytes(purpose, message));
            return verifier.verify(signature);
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return false;
        }
    }

    private static byte[] bytes(String purpose, byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(purpose.getBytes(StandardCharsets.UTF_8));
        out.write(0);
        out.writeBytes(message);
        return out.toByteArray();
    }

    @Override
    public boolean canReach(String identity, String address) {
        return address.matches("somewhere:[1-9][0-9]*");
    }
}
