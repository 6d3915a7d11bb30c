package io.ridgeline.runtime.provider;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.topology.TopologyProvider;
import io.ridgeline.spi.transport.TransportProvider;

/// The contracts that plugins implement. Not a list of plugins: any number of strangers may
/// implement each.
public enum ProviderKind {
    /// Where events are kept.
    STORAGE("storage", EventStorageProvider.class),
    /// How nodes talk to each other.
    TRANSPORT("transport", TransportProvider.class),
    /// Who belongs to the cluster.
    TOPOLOGY("topology", TopologyProvider.class),
    /// How many replicas must agree.
    QUORUM("quorum", QuorumPolicyProvider.class);

    private final String key;
    private final Class<? extends Provider> contract;

    ProviderKind(String key, Class<? extends Provider> contract) {
        this.key = key;
        this.contract = contract;
    }

    /// {@return the part of the configuration keys that stands for it}
    public String key() {
        return key;
    }

    /// {@return the key that selects a provider}
    public String typeKey() {
        return "ridgeline." + key + ".type";
    }

    /// {@return what stands before the keys of a provider}
    public String prefix(String id) {
        return "ridgeline." + key + "." + id;
    }

    /// {@return the interface that its providers implement}
    public Class<? extends Provider> contract() {
        return contract;
    }
}
