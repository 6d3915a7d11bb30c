package io.ridgeline.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
    /// Gives a few bytes at a time.
    private static final class Trickle extends InputStream {
        private final ByteArrayInputStream in;
        private final int most;

        Trickle(byte[] bytes, int most) {
            this.in = new ByteArrayInputStream(bytes);
            this.most = most;
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return in.read(target, offset, Math.min(most, length));
        }
    }

    private static List<String> lines(String text, int most) throws IOException {
        Lines lines = new Lines(new Trickle(text.getBytes(StandardCharsets.UTF_8), most));
        List<String> all = new ArrayList<>();
        ByteBuffer line = lines.next();
        while (line != null) {
            all.add(StandardCharsets.UTF_8.decode(line).toString());
            assertThat(lines.number()).isEqualTo(all.size());
            line = lines.next();
        }
        return all;
    }

    @Test
    void areCutAtLineFeedsHoweverTheyCome() throws IOException {
        for (int most : new int[] {1, 2, 3, 7, 1_000}) {
            assertThat(lines("a\n\nbcd\r\ne", most)).containsExactly("a", "", "bcd", "e");
            assertThat(lines("a\n", most)).containsExactly("a");
            assertThat(lines("", most)).isEmpty();
            assertThat(lines("\uFEFFa\n\uFEFFb", most)).containsExactly("a", "\uFEFFb");
        }
    }

    @Test
    void mayBeLongerThanTheBuffer() throws IOException {
        String medium = "x".repeat(300_000);
        String large = "y".repeat(3_000_000);
        assertThat(lines(medium + "\n" + large + "\n" + medium + "\nz", 100_000))
                .containsExactly(medium, large, medium, "z");
    }

    @Test
    void areNotCollectedForEver() {
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return 'x';
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        java.util.Arrays.fill(target, offset, offset + length, (byte) 'x');
                        return length;
                    }
                };
        assertThatThrownBy(() -> new Lines(endless).next())
                .isInstanceOf(LineException.class)
                .hasMessageContaining("longer");
    }
}
