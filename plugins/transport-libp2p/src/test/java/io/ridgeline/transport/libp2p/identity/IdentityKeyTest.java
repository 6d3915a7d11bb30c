package io.ridgeline.transport.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityKeyTest {
    private static final String SEED =
            "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d";
    private static final String PUBLIC =
            "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private static final String ENCODED = "08011240" + SEED + PUBLIC;

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Test
    void isReadAndWrittenAsOtherImplementationsDo() {
        IdentityKey key = IdentityKey.decode(hex(ENCODED));

        assertThat(key.peerId())
                .hasToString("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
        assertThat(key.encode()).isEqualTo(hex(ENCODED));
        assertThat(key.publicKey().encode()).isEqualTo(hex("08011220" + PUBLIC));
        assertThat(key).hasToString("IdentityKey[" + key.peerId() + "]");
    }

    @Test
    void inTheOldFormIsReadIfItsCopiesAgree() {
        assertThat(IdentityKey.decode(hex("08011260" + SEED + PUBLIC + PUBLIC)).encode())
                .isEqualTo(hex(ENCODED));
        assertThatThrownBy(() -> IdentityKey.decode(hex("08011260" + SEED + PUBLIC + SEED)))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0801",
                "08011220" + SEED,
                "08001240" + SEED + PUBLIC,
                "08011240" + PUBLIC + PUBLIC,
                "08011240" + SEED + SEED,
                ENCODED + "1800"
            })
    void thatIsNoneOrDoesNotFitTogetherIsRefused(String text) {
        assertThatThrownBy(() -> IdentityKey.decode(hex(text)))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08001220" + PUBLIC,
                "0801121f" + "00",
                "12200801" + PUBLIC,
                "1220" + PUBLIC + "0801",
                "0801122000",
                "08011220" + PUBLIC + "1a00"
            })
    void publicKeysOfOtherKindsOrInOtherEncodingsAreRefused(String text) {
        assertThatThrownBy(() -> PublicKey.decode(hex(text)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void signsWhatItsPublicKeyVerifies() {
        IdentityKey key = IdentityKey.generate();
        byte[] message = {1, 2, 3};
        byte[] signature = key.sign(message);

        assertThat(key.publicKey().verify(message, signature)).isTrue();
        assertThat(key.publicKey().verify(new byte[] {1, 2}, signature)).isFalse();
        assertThat(IdentityKey.generate().publicKey().verify(message, signature)).isFalse();
    }

    @Test
    void whatIsNoSignatureAtAllIsNotValid() {
        PublicKey key = IdentityKey.generate().publicKey();
        byte[] tooLarge = new byte[64];
        java.util.Arrays.fill(tooLarge, (byte) 0xff);

        assertThat(key.verify(new byte[1], new byte[0])).isFalse();
        assertThat(key.verify(new byte[1], new byte[63])).isFalse();
        assertThat(key.verify(new byte[1], tooLarge)).isFalse();
    }
}
