package io.ridgeline.runtime.node;

import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/// What a node remembers between its runs, apart from its logs.
///
/// @param cluster settled when the data was made
/// @param run this one, saved before anything is sent
record NodeMemory(ClusterRecord cluster, Run run) {
    private static final String HIGHEST_START = "highest-start";
    private static final int BUCKETS_AUTO_MAX = 4;

    /// Reads the node's memory, making it if there is none, and begins a run: startedAt is the
    /// clock's time, but later than all that the node ever had (R-CO-1).
    ///
    /// @throws ConfigurationException if the data was made with other settings
    static NodeMemory of(
            EventStorage storage, Configuration configuration, int processors, long nowMillis) {
        Optional<ByteBuffer> recorded = storage.read(ClusterRecord.NAME);
        ClusterRecord cluster;
        if (recorded.isPresent()) {
            cluster = decode(recorded.get(), configuration);
            check(cluster, configuration);
        } else {
            cluster =
                    ClusterRecord.initial(
                            UUID.randomUUID(),
                            configuration.values().node(),
                            configuration.values().partitions(),
                            buckets(configuration, processors));
            storage.write(ClusterRecord.NAME, cluster.encode());
        }
        long highest = storage.read(HIGHEST_START).map(value -> value.getLong(0)).orElse(0L);
        long startedAt = Math.max(nowMillis, highest + 1);
        storage.write(HIGHEST_START, ByteBuffer.allocate(Long.BYTES).putLong(0, startedAt));
        return new NodeMemory(cluster, new Run(new NodeId(cluster.node()), startedAt));
    }

    private static ClusterRecord decode(ByteBuffer bytes, Configuration configuration) {
        try {
            return ClusterRecord.decode(bytes);
        } catch (IllegalArgumentException e) {
            throw new StorageException(
                    StorageException.Kind.UNKNOWN_VERSION,
                    e.getMessage() + ", in " + configuration.dataFolder(),
                    e);
        }
    }

    private static int buckets(Configuration configuration, int processors) {
        String buckets = configuration.values().buckets();
        int wanted =
                buckets.equals("auto")
                        ? processors < BUCKETS_AUTO_MAX ? 1 : BUCKETS_AUTO_MAX
                        : Integer.parseInt(buckets);
        return Math.min(wanted, configuration.values().partitions());
    }

    private static void check(ClusterRecord cluster, Configuration configuration) {
        String folder = configuration.dataFolder().toString();
        differs("node", configuration.values().node(), cluster.node(), folder);
        differs(
                "partitions",
                Integer.toString(configuration.values().partitions()),
                Integer.toString(cluster.bucketOfPartition().size()),
                folder);
        String buckets = configuration.values().buckets();
        // Data made on another machine keeps its buckets.
        if (!buckets.equals("auto")) {
            int wanted = Math.min(Integer.parseInt(buckets), configuration.values().partitions());
            differs(
                    "buckets",
                    Integer.toString(wanted),
                    Integer.toString(cluster.buckets()),
                    folder);
        }
    }

    private static void differs(String key, String wanted, String recorded, String folder) {
        if (!wanted.equals(recorded)) {
            throw new ConfigurationException(
                    "ridgeline." + key,
                    wanted,
                    recorded + ", which the data in " + folder + " was made with");
        }
    }
}
