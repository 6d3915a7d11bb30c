package io.ridgeline.storage.file;

import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.storage.VerificationReport;
import io.ridgeline.storage.file.disk.Disk;
import io.ridgeline.storage.file.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Keeps the logs in files below the data folder: `ridgeline.storage.type=file`.
public final class FileStorageProvider implements EventStorageProvider {
    /// The folder below the data folder.
    private static final String FOLDER = "storage-file";

    /// For [java.util.ServiceLoader].
    public FileStorageProvider() {}

    @Override
    public String id() {
        return "file";
    }

    @Override
    public int spiMajor() {
        return 1;
    }

    @Override
    public List<ConfigKey> keys() {
        return StorageOptions.KEYS;
    }

    @Override
    public EventStorage create(ProviderContext context) {
        return FileStorage.open(
                disk(context),
                StorageOptions.of(context.config()),
                context.node(),
                UUID::randomUUID);
    }

    private static Path folder(ProviderContext context) {
        return context.dataFolder().resolve(FOLDER);
    }

    private static Disk disk(ProviderContext context) {
        try {
            return new RealDisk(folder(context));
        } catch (IOException e) {
            throw new StorageException(
                    StorageException.Kind.FAILED,
                    "cannot use " + folder(context) + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public VerificationReport verify(ProviderContext context) {
        if (!Files.isDirectory(folder(context))) {
            throw new ConfigurationException(
                    "ridgeline.data",
                    context.dataFolder().toString(),
                    "the data folder of a node that has run; it has no folder " + FOLDER);
        }
        return Verifier.verify(disk(context));
    }
}
