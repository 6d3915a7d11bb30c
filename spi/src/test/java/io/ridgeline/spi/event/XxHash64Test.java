package io.ridgeline.spi.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class XxHash64Test {

    /// Vectors of the reference implementation; slots must never change.
    @Test
    void isTheHashOfTheSpecification() {
        assertThat(hash("")).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a")).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc")).isEqualTo(0x44BC2CF5AD770999L);
        assertThat(hash("The quick brown fox jumps over the lazy dog"))
                .isEqualTo(0x0B242D361FDA71BCL);
    }

    @Test
    void doesNotDependOnWhereTheBytesLie() {
        byte[] bytes = new byte[100];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        for (int length = 0; length < 70; length++) {
            byte[] moved = new byte[100];
            System.arraycopy(bytes, 0, moved, 13, length);
            assertThat(XxHash64.hash(moved, 13, length, 7))
                    .isEqualTo(XxHash64.hash(bytes, 0, length, 7));
        }
    }

    @Test
    void slotsAreItsUpperSixteenBits() {
        assertThat(Slots.slotOf("abc")).isEqualTo(0x44BC);
    }

    private static long hash(String text) {
        return XxHash64.hash(text.getBytes(StandardCharsets.UTF_8), 0);
    }
}
