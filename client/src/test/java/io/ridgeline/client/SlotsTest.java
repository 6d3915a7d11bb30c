package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SlotsTest {
    @Test
    void hashesAsTheSpecificationOfXxHashSays() {
        assertThat(hash("")).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a")).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc")).isEqualTo(0x44BC2CF5AD770999L);
        assertThat(hash("Nobody inspects the spammish repetition")).isEqualTo(0xFBCEA83C8A378BF1L);
    }

    @Test
    void takesTheUpperSixteenBits() {
        assertThat(Slots.slotOf("abc".getBytes(StandardCharsets.UTF_8))).isEqualTo(0x44BC);
    }

    private static long hash(String text) {
        return Slots.hash(text.getBytes(StandardCharsets.UTF_8), 0);
    }
}
