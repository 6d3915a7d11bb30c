package io.ridgeline.simulation.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeededTest {
    @Test
    void aSplitDependsOnNameAndNumberOnlyNotOnWhatWasDrawn() {
        Seeded one = new Seeded(42);
        Seeded other = new Seeded(42);
        other.nextLong();

        assertThat(one.split("disk", 3).nextLong()).isEqualTo(other.split("disk", 3).nextLong());
        assertThat(one.split("disk", 3).nextLong()).isNotEqualTo(one.split("disk", 4).nextLong());
        assertThat(one.split("disk", 3).nextLong()).isNotEqualTo(one.split("net", 3).nextLong());
    }

    @Test
    void boundsAreInclusive() {
        Seeded random = new Seeded(7);
        boolean low = false;
        boolean high = false;
        for (int i = 0; i < 1_000; i++) {
            int value = random.between(3, 5);
            assertThat(value).isBetween(3, 5);
            low |= value == 3;
            high |= value == 5;
        }
        assertThat(low && high).isTrue();
    }
}
