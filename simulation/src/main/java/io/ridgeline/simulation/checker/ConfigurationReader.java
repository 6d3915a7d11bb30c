package io.ridgeline.simulation.checker;

import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.Member;
import io.ridgeline.spi.storage.Entry;
import org.jspecify.annotations.Nullable;

/// Reads configuration entries with the engine's codec, the only code of it that the checker
/// shares.
final class ConfigurationReader {
    private ConfigurationReader() {}

    static GhostConfiguration read(Entry entry, @Nullable GhostConfiguration previous) {
        Configuration configuration = Configuration.decode(entry.payload());
        return new GhostConfiguration(
                entry.index(),
                entry.epoch(),
                configuration.members().stream().map(Member::storageId).toList(),
                configuration.quorum().write(),
                configuration.quorum().takeover(),
                previous);
    }
}
