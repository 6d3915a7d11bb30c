package io.ridgeline.spi.tck;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.config.ProviderConfig;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A storage with one bucket and one open partition, which tests close and open again.
public abstract sealed class StorageFixture permits StorageLogContract {
    static final PartitionId P = new PartitionId(7);
    static final PartitionId Q = new PartitionId(-2);
    static final NodeId SELF = new NodeId("a");

    @TempDir Path data;

    EventStorage storage;
    LogBucket bucket;
    PartitionLog log;

    /// {@return what is tested}
    protected abstract EventStorageProvider provider();

    /// {@return configuration that lets a few thousand events reach every corner}
    protected Map<String, String> settings() {
        return Map.of();
    }

    @SuppressWarnings("NullAway.Init") // set before each test
    StorageFixture() {}

    ProviderContext context() {
        EventStorageProvider provider = provider();
        return new ProviderContext(
                SELF,
                data,
                new ProviderConfig(
                        "ridgeline.storage." + provider.id(), provider.keys(), settings()));
    }

    @BeforeEach
    void open() {
        storage = provider().create(context());
        bucket = storage.bucket(0);
        log = bucket.open(P);
    }

    void reopen() {
        storage.close();
        open();
    }

    @AfterEach
    void closeStorage() {
        @Nullable EventStorage opened = storage;
        if (opened != null) {
            opened.close();
        }
    }

    Entry append(String stream) {
        return Samples.append(log, P, 1, stream, 1);
    }

    List<Entry> all() {
        return log.reader().entries(1, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    void confirmAll() {
        log.confirm(log.state().last());
    }

    void maintain() {
        for (int i = 0; i < 100 && bucket.maintain(); i++) {
            // Each call does a piece of the work.
        }
    }
}
