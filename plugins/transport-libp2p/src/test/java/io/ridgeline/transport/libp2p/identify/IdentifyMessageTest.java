package io.ridgeline.transport.libp2p.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import io.ridgeline.transport.libp2p.wire.ProtoWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdentifyMessageTest {
    private static final Multiaddr HERE = Multiaddr.parse("/ip4/10.0.0.1/tcp/4001");
    private static final Multiaddr SEEN = Multiaddr.parse("/ip4/10.0.0.9/tcp/50000");

    private final IdentifyMessage message = new IdentifyMessage();

    @Test
    void saysWhatWasWritten() {
        message.merge(
                IdentifyMessage.encode(
                        new byte[] {1, 2}, "p/1", "agent", List.of(HERE), List.of("/a"), SEEN));

        assertThat(message.publicKey()).hasValueSatisfying(k -> assertThat(k).contains(1, 2));
        assertThat(PeerInfo.UNKNOWN.updated(message))
                .isEqualTo(
                        new PeerInfo("agent", "p/1", List.of(HERE), List.of("/a"), List.of(SEEN)));
    }

    @Test
    void leavesUnchangedWhatItDoesNotMention() {
        PeerInfo before = new PeerInfo("agent", "p/1", List.of(HERE), List.of("/a"), List.of(SEEN));
        message.merge(new ProtoWriter().text(3, "/b").toBytes());

        assertThat(before.updated(message))
                .isEqualTo(
                        new PeerInfo("agent", "p/1", List.of(HERE), List.of("/b"), List.of(SEEN)));
    }

    @Test
    void skipsAddressesThatWeCannotReadAndKeepsABoundedNumber() {
        ProtoWriter writer = new ProtoWriter().bytes(2, new byte[] {(byte) 0xff, 0x7f});
        for (int i = 0; i < 50; i++) {
            writer.bytes(2, HERE.toBytes());
        }
        message.merge(writer.toBytes());

        assertThat(message.addresses()).hasSize(32).containsOnly(HERE);
    }

    @Test
    void isRefusedWithTooManyOrTooLongProtocols() {
        ProtoWriter many = new ProtoWriter();
        for (int i = 0; i < 257; i++) {
            many.text(3, "/p" + i);
        }
        byte[] tooLong = new ProtoWriter().text(3, "x".repeat(257)).toBytes();

        assertThatThrownBy(() -> message.merge(many.toBytes()))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new IdentifyMessage().merge(tooLong))
                .isInstanceOf(MalformedException.class);
    }
}
