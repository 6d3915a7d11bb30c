package io.ridgeline.transport.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against messages that two other implementations agree on.
class XxHandshakeTest {
    private static final String M1 =
            "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a";
    private static final String M2 =
            "675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52ff8fbbd167814c44b0bb328d5e4"
                    + "8aaa31dfd99f21b507a9124257638ff45516cccefe81977430a7f922647bee133fff957e43b0d8408ee2"
                    + "463e493aef1cec63ae3ca29a93d43075b2fdb5e367d71f044b35";
    private static final String M3 =
            "0e9eb889e33411638c7b00a161b3ad9460a27b9c7abb509b53cb745363f938a479f247c188583e93bc718eba4f"
                    + "35020697381666b973b3f1f1632163b1a9da15bdef5e8f1a6c4db257ee78da87a1d8f262";

    private static X25519 key(int firstByte) {
        byte[] raw = new byte[32];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) (firstByte + i);
        }
        return X25519.ofPrivate(raw);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void makesTheMessagesAndKeysOfTheVector() {
        XxHandshake initiator = new XxHandshake(true, key(0x00), key(0x40));
        XxHandshake responder = new XxHandshake(false, key(0x20), key(0x60));

        byte[] m1 = initiator.write(new byte[0]);
        assertThat(hex(m1)).isEqualTo(M1);
        assertThat(responder.read(m1)).isEmpty();

        byte[] m2 = responder.write(ascii("responder payload"));
        assertThat(hex(m2)).isEqualTo(M2);
        assertThat(initiator.read(m2)).isEqualTo(ascii("responder payload"));

        byte[] m3 = initiator.write(ascii("initiator payload"));
        assertThat(hex(m3)).isEqualTo(M3);
        assertThat(responder.read(m3)).isEqualTo(ascii("initiator payload"));

        assertThat(hex(initiator.hash()))
                .isEqualTo("fa26c821256c49685aa437195ef27af382d6d8e170ed42247bf33aa93c71058c")
                .isEqualTo(hex(responder.hash()));
        assertThat(initiator.remoteStatic()).isEqualTo(key(0x20).publicKey());
        assertThat(responder.remoteStatic()).isEqualTo(key(0x00).publicKey());
        CipherState[] ours = initiator.split();
        CipherState[] theirs = responder.split();
        assertThat(hex(ours[0].rawKey()))
                .isEqualTo("5ee5c66ae8a9caae4e4fcac0e24f13ae26823b0a317eedd9a5bc1b29f4bd5bcc");
        assertThat(hex(ours[1].rawKey()))
                .isEqualTo("d689f3c91878a9cda01c5f591aca4f43778926c3d630b3cc6248ee6396ead635");
        sends(ours[0], "to responder", "9bf65dc32a979677d36fc7c25827fce99c7d1fc03d4b6bd76c47e52c");
        sends(ours[0], "to responder", "690e4ae1f62ad6092600e8b6817e6a4ccf8d8f80540a9561d0ddda1b");
        sends(
                theirs[1],
                "to initiator",
                "e8cd71f671f03aaafae6a86f80a97955288440e66c2c109d0c4c84e2");
    }

    private static void sends(CipherState state, String text, String expected) {
        byte[] plain = ascii(text);
        byte[] sealed = new byte[plain.length + CipherState.TAG_BYTES];
        assertThat(state.seal(plain, 0, plain.length, sealed, 0)).isEqualTo(sealed.length);
        assertThat(hex(sealed)).isEqualTo(expected);
    }

    @Test
    void aChannelIsDeadAfterAMessageThatWasNotAuthentic() {
        CipherState sending = new CipherState(new byte[32]);
        CipherState receiving = new CipherState(new byte[32]);
        byte[] first = sending.seal(new byte[0], ascii("first"));
        byte[] second = sending.seal(new byte[0], ascii("second"));
        byte[] tampered = first.clone();
        tampered[0] ^= 1;

        assertThatThrownBy(() -> receiving.open(new byte[0], tampered))
                .isInstanceOf(HandshakeException.class);
        assertThatThrownBy(() -> receiving.open(new byte[0], second))
                .isInstanceOf(HandshakeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void keysOfSmallOrderFailTheHandshake(String point) {
        XxHandshake responder = new XxHandshake(false, key(0), key(1));
        responder.read(HexFormat.of().parseHex(point));

        assertThatThrownBy(() -> responder.write(new byte[0]))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        e -> assertThat(e.failure()).isEqualTo(HandshakeFailure.CRYPTO));
    }

    @Test
    void messagesOutOfTurnAreRefused() {
        XxHandshake initiator = new XxHandshake(true, key(0), key(1));

        assertThatThrownBy(() -> initiator.read(new byte[200]))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(initiator::split).isInstanceOf(IllegalStateException.class);
    }
}
