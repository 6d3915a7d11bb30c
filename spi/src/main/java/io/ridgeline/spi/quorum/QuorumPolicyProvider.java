package io.ridgeline.spi.quorum;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;

/// Makes a [QuorumPolicy]; selected by `ridgeline.quorum.type`.
public interface QuorumPolicyProvider extends Provider {

    /// {@return a policy with the given configuration}
    QuorumPolicy create(ProviderContext context);
}
