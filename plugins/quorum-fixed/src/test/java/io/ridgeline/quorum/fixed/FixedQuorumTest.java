package io.ridgeline.quorum.fixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import io.ridgeline.spi.tck.QuorumPolicyContract;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FixedQuorumTest extends QuorumPolicyContract {
    @Override
    protected QuorumPolicy policy() {
        return policy("2");
    }

    private static QuorumPolicy policy(String write) {
        FixedQuorumProvider provider = new FixedQuorumProvider();
        ProviderConfig config =
                new ProviderConfig(
                        "ridgeline.quorum.fixed", provider.keys(), Map.of("write", write));
        return provider.create(new ProviderContext(new NodeId("a"), Path.of("."), config));
    }

    @Test
    void derivesTheTakeoverQuorumThatMeetsWritesAndTakeovers() {
        assertThat(policy("1").quorum(3)).isEqualTo(new Quorum(3, 1, 3));
        assertThat(policy("2").quorum(3)).isEqualTo(new Quorum(3, 2, 2));
        assertThat(policy("3").quorum(3)).isEqualTo(new Quorum(3, 3, 2));
        assertThat(policy("3").quorum(4)).isEqualTo(new Quorum(4, 3, 3));
        assertThat(policy("2").quorum(5)).isEqualTo(new Quorum(5, 2, 4));
    }

    @Test
    void takesAllReplicasWhereThereAreFewer() {
        assertThat(policy("3").quorum(2)).isEqualTo(new Quorum(2, 2, 2));
        assertThat(policy("3").quorum(1)).isEqualTo(new Quorum(1, 1, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", ""})
    void refusesWhatIsNoQuorum(String write) {
        assertThatThrownBy(() -> policy(write))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ridgeline.quorum.fixed.write");
    }

    @Test
    void isFoundByItsId() {
        assertThat(ServiceLoader.load(QuorumPolicyProvider.class))
                .extracting(QuorumPolicyProvider::id)
                .containsExactly("fixed");
    }
}
