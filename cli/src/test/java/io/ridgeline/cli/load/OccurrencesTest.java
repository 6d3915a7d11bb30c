package io.ridgeline.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OccurrencesTest {
    @Test
    void areCountedAsAMapWould() {
        Occurrences occurrences = new Occurrences();
        Map<Long, Long> map = new HashMap<>();
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            // Many equal ones, many that share their low bits, and zero.
            long hash = (random.nextInt(50_000) * (random.nextBoolean() ? 1L << 20 : 1L));
            long expected = map.merge(hash == 0 ? 1 : hash, 1L, Long::sum) - 1;
            assertThat(occurrences.countAndAdd(hash)).isEqualTo(expected);
        }
    }

    @Test
    void haveALimit() {
        Occurrences occurrences = new Occurrences(10);
        for (int i = 1; i <= 10; i++) {
            occurrences.countAndAdd(i);
        }
        assertThat(occurrences.countAndAdd(3)).isEqualTo(1);
        assertThatThrownBy(() -> occurrences.countAndAdd(11)).hasMessageContaining("10 different");
    }
}
