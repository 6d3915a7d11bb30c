package io.ridgeline.spi.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The contract of [QuorumPolicy]. That W and T fit together is what a [Quorum] checks itself.
public abstract class QuorumPolicyContract {

    /// For the plugin's test.
    protected QuorumPolicyContract() {}

    /// {@return what is tested, anew at each call}
    protected abstract QuorumPolicy policy();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
    void isAboutTheReplicasThatItIsAskedFor(int replicas) {
        assertThat(policy().quorum(replicas).replicas()).isEqualTo(replicas);
    }

    @Test
    void answersTheSameAtEveryTimeAndInEveryOrder() {
        QuorumPolicy used = policy();
        for (int replicas = 9; replicas >= 1; replicas--) {
            Quorum answer = used.quorum(replicas);
            assertThat(used.quorum(replicas)).isEqualTo(answer);
            assertThat(policy().quorum(replicas)).isEqualTo(answer);
        }
    }
}
