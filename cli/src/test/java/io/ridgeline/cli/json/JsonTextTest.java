package io.ridgeline.cli.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[1,2]", "1.10", "-0", "\"ü\"", "null", " true ", "{\"a\":{\"a\":1}}"})
    void isKeptAsItIs(String json) {
        assertThat(JsonText.oneLine(bytes(json))).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}{}",
                "1 2",
                "{a:1}",
                "'a'",
                "NaN",
                "01",
                "\"a\nb\"",
                "tru",
                "[1,]"
            })
    void isNotTakenForJson(String text) {
        assertThat(JsonText.oneLine(bytes(text))).isNull();
    }

    @Test
    void isOnOneLine() {
        assertThat(JsonText.oneLine(bytes("{\r\n \"a\": \"\\n\"\n}")))
                .isEqualTo("{   \"a\": \"\\n\" }");
    }

    @Test
    void isUtf8() {
        assertThat(JsonText.oneLine(ByteBuffer.wrap(new byte[] {'"', (byte) 0xFF, '"'}))).isNull();
        assertThat(
                        JsonText.oneLine(
                                ByteBuffer.wrap(
                                        new byte[] {
                                            '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'
                                        })))
                .isNull();
    }

    @Test
    void isPrettyWithItsNumbersUntouched() {
        assertThat(JsonText.pretty("{\"a\":12345678901234567890.10,\"b\":[]}", "  "))
                .isEqualTo("  {\n    \"a\" : 12345678901234567890.10,\n    \"b\" : [ ]\n  }");
    }
}
