package io.ridgeline.runtime.node;

import io.ridgeline.engine.Shard;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.runtime.append.Appends;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.config.RidgelineConfig;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.runtime.read.ReadSettings;
import io.ridgeline.runtime.read.Reads;
import io.ridgeline.runtime.shard.Admission;
import io.ridgeline.runtime.shard.LoopListener;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.runtime.wire.AppendLimits;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A node: storage, transport, topology and quorum policy as they are selected, and a loop for each
/// bucket that runs the engine on them.
///
/// Started and stopped once, by one thread. Everything else may be called from any thread, and
/// before the start: callers are then told that the node is not ready.
public final class Node {
    private static final Logger LOG = Logger.getLogger(Node.class);

    private final Configuration configuration;
    private final LoopListener listener;
    private final Appends appends;
    private final Reads reads;
    private volatile @Nullable Running running;
    private volatile boolean stopping;

    /// What exists while the node runs.
    private record Running(
            NodeMemory memory,
            EventStorage storage,
            Topology topology,
            Transport transport,
            List<ShardLoop> loops,
            PartitionTable partitions) {}

    /// @param listener observes the loops
    public Node(Configuration configuration, LoopListener listener) {
        this.configuration = configuration;
        this.listener = listener;
        RidgelineConfig values = configuration.values();
        RidgelineConfig.Limits limits = values.limits();
        appends =
                new Appends(
                        this::partitions,
                        AppendLimits.of(values),
                        limits.callAppends(),
                        limits.callBytes().asLongValue());
        reads =
                new Reads(
                        this::partitions,
                        ReadSettings.of(values, Runtime.getRuntime().availableProcessors()));
    }

    /// {@return where appends go}
    public Appends appends() {
        return appends;
    }

    /// {@return where reads go}
    public Reads reads() {
        return reads;
    }

    /// {@return the configuration}
    public Configuration configuration() {
        return configuration;
    }

    /// {@return the partitions; null before the start}
    public @Nullable PartitionTable partitions() {
        Running now = running;
        return now == null ? null : now.partitions();
    }

    /// {@return the loops; none before the start}
    public List<ShardLoop> loops() {
        Running now = running;
        return now == null ? List.of() : now.loops();
    }

    /// {@return the id of the cluster, as text; empty before the start}
    public String clusterId() {
        Running now = running;
        return now == null ? "" : now.memory().cluster().clusterId().toString();
    }

    /// {@return when this run began, in milliseconds since 1970; 0 before the start}
    public long startedAt() {
        Running now = running;
        return now == null ? 0 : now.memory().run().startedAt();
    }

    /// {@return the members of the cluster as far as they are known; none before the start}
    public List<Member> members() {
        Running now = running;
        return now == null ? List.of() : now.topology().view().members();
    }

    /// {@return whether recovery is done, every partition has a coordinator, and the node is not
    /// stopping}
    public boolean isReady() {
        PartitionTable table = partitions();
        if (table == null || stopping) {
            return false;
        }
        for (Partition partition : table.all()) {
            if (partition.published().coordinator() == null) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether no loop ended by a failure, which only a restart can mend}
    public boolean isAlive() {
        return loops().stream().allMatch(loop -> loop.failure() == null);
    }

    /// Opens storage, which recovers it, and starts to serve. Blocks.
    ///
    /// @throws io.ridgeline.spi.config.ConfigurationException for what the user has to change
    /// @throws io.ridgeline.spi.storage.StorageException if the data cannot be used
    public void start() {
        try {
            Files.createDirectories(configuration.dataFolder());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot make the data folder " + configuration.dataFolder(), e);
        }
        EventStorage storage =
                configuration
                        .selected(ProviderKind.STORAGE, EventStorageProvider.class)
                        .create(configuration.context(ProviderKind.STORAGE));
        try {
            start(storage);
        } catch (RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    private void start(EventStorage storage) {
        long begun = System.nanoTime();
        NodeMemory memory =
                NodeMemory.of(
                        storage,
                        configuration,
                        Runtime.getRuntime().availableProcessors(),
                        System.currentTimeMillis());
        Topology topology =
                configuration
                        .selected(ProviderKind.TOPOLOGY, TopologyProvider.class)
                        .create(configuration.context(ProviderKind.TOPOLOGY));
        Transport transport =
                configuration
                        .selected(ProviderKind.TRANSPORT, TransportProvider.class)
                        .create(configuration.context(ProviderKind.TRANSPORT), topology);
        QuorumPolicy quorum =
                configuration
                        .selected(ProviderKind.QUORUM, QuorumPolicyProvider.class)
                        .create(configuration.context(ProviderKind.QUORUM));
        List<NodeId> members = topology.view().members().stream().map(Member::node).toList();
        List<ShardLoop> loops = new ArrayList<>();
        List<Partition> partitions = new ArrayList<>();
        for (int bucket = 0; bucket < memory.cluster().buckets(); bucket++) {
            SortedMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
            int number = bucket;
            memory.cluster()
                    .bucketOfPartition()
                    .forEach((partition, in) -> {
                        if (in == number) {
                            replicas.put(partition, members);
                        }
                    });
            ShardLoop loop =
                    loop(
                            storage.bucket(bucket),
                            transport,
                            settings(memory, bucket, replicas, quorum));
            loops.add(loop);
            for (PartitionId id : replicas.keySet()) {
                Partition partition = loop.open(id);
                reads.attach(partition);
                partitions.add(partition);
            }
        }
        PartitionTable table = new PartitionTable(partitions, memory.cluster()::partitionOfSlot);
        running = new Running(memory, storage, topology, transport, List.copyOf(loops), table);
        transport.start(new PeerInbox(loops));
        loops.forEach(ShardLoop::start);
        LOG.infof(
                "node %s of cluster %s: %d partitions in %d buckets recovered in %d ms",
                memory.run().node(),
                memory.cluster().clusterId(),
                partitions.size(),
                loops.size(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    }

    private ShardSettings settings(
            NodeMemory memory,
            int bucket,
            SortedMap<PartitionId, List<NodeId>> replicas,
            QuorumPolicy quorum) {
        return EngineSettings.of(
                configuration.values(),
                memory.run(),
                bucket,
                memory.cluster().clusterId(),
                replicas,
                quorum);
    }

    private ShardLoop loop(LogBucket log, Transport transport, ShardSettings settings) {
        RidgelineConfig.Limits limits = configuration.values().limits();
        Admission admission =
                new Admission(limits.queuedAppends(), limits.queuedBytes().asLongValue());
        // A seed of its own for each run: jitter must differ between nodes.
        long seed = settings.self().hashCode() * 31L + settings.bucket() + System.nanoTime();
        return new ShardLoop(
                settings.bucket(),
                log,
                transport,
                admission,
                listener,
                ports -> new Shard(settings, log, ports, new SplittableRandom(seed)));
    }

    /// Finishes what is in flight within the configured time, makes it durable, and closes
    /// everything. Idempotent.
    public void stop() {
        if (stopping) {
            return;
        }
        stopping = true;
        appends.stop();
        reads.stop();
        Running now = running;
        if (now != null) {
            long graceNanos = configuration.values().stopGrace().toNanos();
            now.loops().forEach(loop -> loop.stop(graceNanos));
            boolean ended = awaitEnd(now.loops(), graceNanos);
            reads.close();
            now.transport().close();
            now.topology().close();
            now.storage().close();
            LOG.infof(
                    ended ? "node %s stopped" : "node %s stopped; some writes were unfinished",
                    now.memory().run().node());
        } else {
            reads.close();
        }
    }

    private static boolean awaitEnd(List<ShardLoop> loops, long graceNanos) {
        // A loop ends by itself once its time is over; a stalled disk may hold it longer.
        long deadline = System.nanoTime() + graceNanos + TimeUnit.SECONDS.toNanos(1);
        boolean ended = true;
        try {
            for (ShardLoop loop : loops) {
                ended &= loop.awaitEnd(deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return ended;
    }
}
