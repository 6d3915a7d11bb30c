package io.ridgeline.topology.gossip;

import io.ridgeline.spi.transport.Credentials;
import java.io.ByteArrayOutputStream;
import java.util.Objects;

/// A member's state as its owner signed it: byte for byte, so that what a later version added is
/// passed on, too.
final class SignedState {
    private static final String PURPOSE = "gossip member";

    private final MemberState state;
    private final byte[] bytes;
    private final byte[] signature;

    /// Reads one that came from elsewhere; not verified.
    ///
    /// @throws Dropped if it makes no sense
    SignedState(byte[] bytes, byte[] signature) {
        this.state = MemberState.decode(bytes);
        this.bytes = bytes.clone();
        this.signature = signature.clone();
    }

    /// {@return the state of this node, signed for its cluster}
    static SignedState sign(MemberState state, String cluster, Credentials credentials) {
        byte[] bytes = state.encode();
        return new SignedState(bytes, credentials.sign(PURPOSE, message(cluster, bytes)));
    }

    /// {@return whether the owner of the identity that it names signed it for this cluster}
    boolean isSigned(String cluster, Credentials credentials) {
        return credentials.verify(state.identity(), PURPOSE, message(cluster, bytes), signature);
    }

    private static byte[] message(String cluster, byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MemberState.string(cluster, out);
        out.writeBytes(bytes);
        return out.toByteArray();
    }

    MemberState state() {
        return state;
    }

    byte[] bytes() {
        return bytes.clone();
    }

    byte[] signature() {
        return signature.clone();
    }

    @Override
    public String toString() {
        return Objects.toString(state);
    }
}
