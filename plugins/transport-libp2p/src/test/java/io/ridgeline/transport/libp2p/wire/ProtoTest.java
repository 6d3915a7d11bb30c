package io.ridgeline.transport.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.transport.libp2p.multiformats.MalformedException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoTest {
    @Test
    void fieldsAreReadAsTheyWereWrittenAndUnknownOnesSkipped() {
        byte[] message =
                new ProtoWriter().number(1, 300).text(9, "skipped").text(2, "kept").toBytes();
        ProtoReader reader = new ProtoReader(message);

        assertThat(reader.next()).isEqualTo(1);
        assertThat(reader.number()).isEqualTo(300);
        assertThat(reader.next()).isEqualTo(9);
        assertThat(reader.next()).isEqualTo(2);
        assertThat(reader.text(4)).isEqualTo("kept");
        assertThat(reader.next()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08",
                "0a05aa",
                "0aff",
                "00",
                "0b",
                "0d0102",
                "090102030405",
                "08ffffffffffffffffffff01"
            })
    void messagesThatEndEarlyOrHaveUnknownTypesAreRefused(String hex) {
        assertThatThrownBy(() -> readAll(hex)).isInstanceOf(MalformedException.class);
    }

    private static void readAll(String hex) {
        ProtoReader reader = new ProtoReader(HexFormat.of().parseHex(hex));
        int field = reader.next();
        while (field != 0) {
            field = reader.next();
        }
    }

    @Test
    void fieldsBeyondTheirLimitOrOfAnotherTypeAreRefused() {
        byte[] message = new ProtoWriter().text(1, "12345").toBytes();
        ProtoReader tooLong = new ProtoReader(message);
        tooLong.next();
        ProtoReader notANumber = new ProtoReader(message);
        notANumber.next();
        ProtoReader notText =
                new ProtoReader(new ProtoWriter().bytes(1, new byte[] {-1}).toBytes());
        notText.next();

        assertThatThrownBy(() -> tooLong.bytes(4)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(notANumber::number).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> notText.text(9)).isInstanceOf(MalformedException.class);
    }
}
