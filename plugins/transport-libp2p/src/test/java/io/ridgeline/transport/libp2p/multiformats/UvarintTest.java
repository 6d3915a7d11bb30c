package io.ridgeline.transport.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UvarintTest {
    @ParameterizedTest
    @CsvSource({
        "0,00",
        "1,01",
        "127,7f",
        "128,8001",
        "255,ff01",
        "300,ac02",
        "16384,808001",
        "9223372036854775807,ffffffffffffffff7f"
    })
    void isWrittenInTheShortestFormAndReadBack(long value, String hex) {
        byte[] encoded = Uvarint.encode(value);

        assertThat(HexFormat.of().formatHex(encoded)).isEqualTo(hex);
        assertThat(Uvarint.size(value)).isEqualTo(encoded.length);
        assertThat(Uvarint.read(ByteBuffer.wrap(encoded))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8000", "808000", "ffffffffffffffffff01", "80808080808080808001"})
    void thatIsLongerThanItNeedBeOrThanNineBytesIsRefused(String hex) {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

        assertThatThrownBy(() -> Uvarint.read(in)).isInstanceOf(MalformedException.class);
    }

    @Test
    void thatIsNotCompleteLeavesThePositionAlone() {
        ByteBuffer in = ByteBuffer.wrap(new byte[] {(byte) 0x80, (byte) 0x80});

        assertThat(Uvarint.read(in)).isEqualTo(Uvarint.INCOMPLETE);
        assertThat(in.position()).isZero();
    }

    @Test
    void mayComeByteByByte() {
        UvarintDecoder decoder = new UvarintDecoder();
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex("ac0205"));

        assertThat(decoder.next(in.slice(0, 1))).isEqualTo(Uvarint.INCOMPLETE);
        in.position(1);
        assertThat(decoder.next(in)).isEqualTo(300);
        assertThat(decoder.next(in)).isEqualTo(5);
        assertThat(decoder.next(in)).isEqualTo(Uvarint.INCOMPLETE);
    }
}
