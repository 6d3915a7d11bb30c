package io.ridgeline.quorum.fixed;

import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import java.util.List;

/// A write needs a given number of replicas, all of them where there are fewer; the takeover quorum
/// is the smallest that fits: `ridgeline.quorum.type=fixed`.
///
/// A small write quorum keeps writes going with more replicas down, and needs more of them for a
/// takeover; a large one the other way round. Any `write` − 1 disks may be lost.
public final class FixedQuorumProvider implements QuorumPolicyProvider {
    private static final String WRITE = "write";
    private static final long WRITE_MAX = 1_000;

    /// For [java.util.ServiceLoader].
    public FixedQuorumProvider() {}

    @Override
    public String id() {
        return "fixed";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return List.of(
                new ConfigKey(
                        WRITE,
                        "2",
                        "Replicas that must hold a write before it is acknowledged, from 1;"
                                + " a partition with fewer replicas needs all of them."));
    }

    @Override
    public QuorumPolicy create(ProviderContext context) {
        int write = (int) context.config().number(WRITE, 1, WRITE_MAX);
        return replicas -> Quorum.forWrite(replicas, Math.min(write, replicas));
    }
}
