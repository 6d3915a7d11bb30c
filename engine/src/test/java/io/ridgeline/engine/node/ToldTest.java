package io.ridgeline.engine.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ToldTest {
    private final Told told = new Told();

    @Test
    void nothingWasToldBeforeTheFirstTurn() {
        assertThat(told.wasIn(0)).isFalse();
        assertThat(told.wasIn(1)).isFalse();
    }

    @Test
    void anEchoProvesTheHeartbeatThatItNamesAndNoneBeforeIt() {
        told.in(21);
        told.in(23);

        assertThat(told.wasIn(21)).isTrue();
        assertThat(told.wasIn(22)).isFalse();
        assertThat(told.wasIn(23)).isTrue();
        assertThat(told.wasIn(24)).isFalse();
        assertThat(told.wasIn(20)).isFalse();
    }

    @Test
    void sixtyFourHeartbeatsAreRemembered() {
        told.in(100);
        told.in(163);

        assertThat(told.wasIn(100)).isTrue();

        told.in(164);

        assertThat(told.wasIn(100)).isFalse();
        assertThat(told.wasIn(163)).isTrue();
    }

    @Test
    void aLongPauseForgetsWhatWasBefore() {
        told.in(1);
        told.in(65);

        assertThat(told.wasIn(1)).isFalse();
        assertThat(told.wasIn(65)).isTrue();
        assertThat(told.wasIn(64)).isFalse();
    }
}
