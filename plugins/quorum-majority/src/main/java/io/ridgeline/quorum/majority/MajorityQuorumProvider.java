package io.ridgeline.quorum.majority;

import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import java.util.List;

/// Writes and takeovers need more than half of the replicas: `ridgeline.quorum.type=majority`.
public final class MajorityQuorumProvider implements QuorumPolicyProvider {

    /// For [java.util.ServiceLoader].
    public MajorityQuorumProvider() {}

    @Override
    public String id() {
        return "majority";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return List.of();
    }

    @Override
    public QuorumPolicy create(ProviderContext context) {
        return replicas -> Quorum.forWrite(replicas, replicas / 2 + 1);
    }
}
