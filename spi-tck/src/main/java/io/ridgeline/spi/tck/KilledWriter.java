package io.ridgeline.spi.tck;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A process that appends and prints what is durable, until it is killed.
final class KilledWriter {
    private KilledWriter() {}

    /// Appends.
    ///
    /// @param arguments class of the provider, data folder, settings as a map prints them
    public static void main(String[] arguments) throws ReflectiveOperationException {
        EventStorageProvider provider =
                Class.forName(arguments[0])
                        .asSubclass(EventStorageProvider.class)
                        .getDeclaredConstructor()
                        .newInstance();
        Map<String, String> settings = new HashMap<>();
        for (String pair : arguments[2].replaceAll("[{} ]", "").split(",", -1)) {
            String[] parts = pair.split("=", -1);
            if (parts.length == 2) {
                settings.put(parts[0], parts[1]);
            }
        }
        ProviderConfig config =
                new ProviderConfig("ridgeline.storage." + provider.id(), provider.keys(), settings);
        try (EventStorage storage =
                provider.create(
                        new ProviderContext(new NodeId("a"), Path.of(arguments[1]), config))) {
            LogBucket bucket = storage.bucket(0);
            PartitionId partition = new PartitionId(7);
            PartitionLog log = bucket.open(partition);
            for (long i = 0; i < Long.MAX_VALUE; i++) {
                Samples.append(log, partition, 1, "s" + i % 10, 1 + (int) (i % 3));
                if (i % 3 == 0) {
                    bucket.sync();
                    log.confirm(log.state().last());
                    System.out.println(log.state().durable().index());
                    bucket.maintain();
                }
            }
        }
    }
}
