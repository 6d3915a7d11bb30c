package io.ridgeline.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    @ParameterizedTest
    @CsvSource({
        "same,same,0",
        "'',abc,3",
        "prot,port,1",
        "partitons,partitions,1",
        "kitten,sitting,3",
        "ab,xy,2"
    })
    void countsEdits(String a, String b, int edits) {
        assertThat(Nearest.edits(a, b)).isEqualTo(edits);
        assertThat(Nearest.edits(b, a)).isEqualTo(edits);
    }

    @Test
    void findsTheNearestAndNothingThatIsFar() {
        List<String> names = List.of("ridgeline.data", "ridgeline.port", "ridgeline.node");
        assertThat(Nearest.to("ridgeline.prot", names)).contains("ridgeline.port");
        assertThat(Nearest.to("something.else.entirely", names)).isEmpty();
    }
}
