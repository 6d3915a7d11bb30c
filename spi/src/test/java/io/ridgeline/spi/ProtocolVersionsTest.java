package io.ridgeline.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProtocolVersionsTest {
    private static final int MOST = 5;

    private static ProtocolVersions from(int min, int max) {
        return new ProtocolVersions(min, max);
    }

    @Test
    void shareTheHighestThatIsInBoth() {
        for (int a = 1; a <= MOST; a++) {
            for (int b = a; b <= MOST; b++) {
                for (int c = 1; c <= MOST; c++) {
                    for (int d = c; d <= MOST; d++) {
                        int low = c;
                        int high = d;
                        OptionalInt expected =
                                IntStream.rangeClosed(a, b)
                                        .filter(each -> low <= each && each <= high)
                                        .max();
                        assertThat(from(a, b).shared(from(c, d))).isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void areReadAloud() {
        assertThat(from(1, 1)).hasToString("1");
        assertThat(from(2, 4)).hasToString("2 to 4");
    }

    @Test
    void beginWithOneAndDoNotEndBeforeTheyBegin() {
        assertThatIllegalArgumentException().isThrownBy(() -> from(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> from(3, 2));
    }
}
