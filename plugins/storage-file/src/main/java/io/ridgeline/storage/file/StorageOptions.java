package io.ridgeline.storage.file;

import io.ridgeline.spi.config.ConfigKey;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.config.ProviderConfig;
import java.util.List;

/// The sizes that can be chosen.
///
/// @param segmentBytes when a segment is full and the next one begins
/// @param cacheBytes of the newest entries that a bucket keeps in memory
/// @param headsMax streams per bucket whose last version is kept in memory
/// @param indexEvents events per bucket that are indexed in memory before they are written to a run
public record StorageOptions(int segmentBytes, int cacheBytes, int headsMax, int indexEvents) {
    static final List<ConfigKey> KEYS =
            List.of(
                    new ConfigKey(
                            "segment-size",
                            "64M",
                            "Size at which a file of the log is full and the next one begins;"
                                    + " 64K to 1G."),
                    new ConfigKey(
                            "cache-size",
                            "2M",
                            "Newest entries that each bucket keeps in memory; 0 to 1G."),
                    new ConfigKey(
                            "heads",
                            "50000",
                            "Streams per bucket whose last version is kept in memory; 1 to"
                                    + " 10000000."),
                    new ConfigKey(
                            "index-events",
                            "131072",
                            "Events per bucket that are indexed in memory before their index is"
                                    + " written; 16 to 10000000."));

    static final int SEGMENT_BYTES_MIN = 64 << 10;
    static final int SEGMENT_BYTES_MAX = 1 << 30;

    /// {@return what applies unless it is configured}
    public static StorageOptions defaults() {
        return new StorageOptions(64 << 20, 2 << 20, 50_000, 131_072);
    }

    static StorageOptions of(ProviderConfig config) {
        return new StorageOptions(
                (int) size(config, "segment-size", SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX),
                (int) size(config, "cache-size", 0, 1 << 30),
                (int) config.number("heads", 1, 10_000_000),
                (int) config.number("index-events", 16, 10_000_000));
    }

    private static long size(ProviderConfig config, String name, long min, long max) {
        long bytes = config.memorySize(name);
        if (bytes < min || bytes > max) {
            throw new ConfigurationException(
                    "ridgeline.storage.file." + name,
                    config.text(name),
                    "a size from " + min + " to " + max + " bytes");
        }
        return bytes;
    }
}
