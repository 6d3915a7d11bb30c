package io.ridgeline.transport.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdTest {
    private static final String KEY =
            "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private static final String TEXT = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private static final String CID =
            "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6";

    @Test
    void ofAKeyIsTheOneThatOtherImplementationsGiveIt() {
        PeerId id = PeerId.ofPublicKey(HexFormat.of().parseHex(KEY));

        assertThat(id).hasToString(TEXT);
        assertThat(id.toCid()).isEqualTo(CID);
        assertThat(HexFormat.of().formatHex(id.toBytes())).isEqualTo("0024" + KEY);
    }

    @Test
    void ofALargeKeyIsItsHash() {
        PeerId id = PeerId.ofPublicKey(new byte[43]);

        assertThat(id.toString()).startsWith("Qm").hasSize(46);
        assertThat(PeerId.parse(id.toString())).isEqualTo(id);
    }

    @Test
    void isReadInEveryFormThatPeersWrite() {
        assertThat(PeerId.parse(TEXT)).isEqualTo(PeerId.parse(CID)).hasToString(TEXT);
        assertThat(PeerId.fromBytes(PeerId.parse(TEXT).toBytes())).isEqualTo(PeerId.parse(CID));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p",
                "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0",
                "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
                "Qm",
                "mAAAA",
                "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6a"
            })
    void thatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void ofAnyBytesSurvivesEveryBase() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(48)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && i % 3 == 0) {
                bytes[0] = 0;
            }
            assertThat(Base58.decode(Base58.encode(bytes))).isEqualTo(bytes);
            assertThat(Base32.decode(Base32.encode(bytes))).isEqualTo(bytes);
        }
    }
}
