package io.ridgeline.quorum.majority;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import io.ridgeline.spi.tck.QuorumPolicyContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class MajorityQuorumTest extends QuorumPolicyContract {
    @Override
    protected QuorumPolicy policy() {
        ProviderConfig none = new ProviderConfig("ridgeline.quorum.majority", List.of(), Map.of());
        return new MajorityQuorumProvider()
                .create(new ProviderContext(new NodeId("a"), Path.of("."), none));
    }

    @Test
    void isMoreThanHalf() {
        assertThat(policy().quorum(1)).isEqualTo(new Quorum(1, 1, 1));
        assertThat(policy().quorum(2)).isEqualTo(new Quorum(2, 2, 2));
        assertThat(policy().quorum(3)).isEqualTo(new Quorum(3, 2, 2));
        assertThat(policy().quorum(4)).isEqualTo(new Quorum(4, 3, 3));
        assertThat(policy().quorum(5)).isEqualTo(new Quorum(5, 3, 3));
    }

    @Test
    void isFoundByItsId() {
        assertThat(ServiceLoader.load(QuorumPolicyProvider.class))
                .extracting(QuorumPolicyProvider::id)
                .containsExactly("majority");
    }
}
