package io.ridgeline.spi.storage;

import io.ridgeline.spi.Provider;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigurationException;

/// Makes an [EventStorage]; selected by `ridgeline.storage.type`.
public interface EventStorageProvider extends Provider {

    /// Opens the storage, making it if there is none.
    ///
    /// @throws StorageException kind `IN_USE`, naming the process that uses the data if that is
    ///   known; `UNKNOWN_VERSION`
    EventStorage create(ProviderContext context);

    /// Checks data that nobody uses, and changes nothing: every checksum, chain, index and
    /// watermark.
    ///
    /// @throws StorageException kind `IN_USE`, or `UNKNOWN_VERSION`
    /// @throws ConfigurationException if there is no data where the configuration says: nothing
    ///   that could be well
    VerificationReport verify(ProviderContext context);
}
