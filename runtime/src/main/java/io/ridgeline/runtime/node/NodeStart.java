package io.ridgeline.runtime.node;

import io.ridgeline.engine.Protocol;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Shard;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.runtime.cluster.ClusterRecord;
import io.ridgeline.runtime.cluster.Founding;
import io.ridgeline.runtime.cluster.Hello;
import io.ridgeline.runtime.cluster.Peers;
import io.ridgeline.runtime.cluster.RemoteBounds;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.config.RidgelineConfig;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.runtime.shard.Admission;
import io.ridgeline.runtime.shard.LoopListener;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProviderContext;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.quorum.QuorumPolicy;
import io.ridgeline.spi.quorum.QuorumPolicyProvider;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.topology.ClusterView;
import io.ridgeline.spi.topology.Member;
import io.ridgeline.spi.topology.Topology;
import io.ridgeline.spi.topology.TopologyProvider;
import io.ridgeline.spi.transport.Credentials;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.Transport;
import io.ridgeline.spi.transport.TransportProvider;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Puts a node together, in the order in which that is safe: what it remembers, then a run of its
/// own, then the record of its cluster, and only then the engine.
final class NodeStart {
    private static final Logger LOG = Logger.getLogger(NodeStart.class);

    /// A node with an empty disk gives others so long to answer before it founds the cluster as its
    /// configuration says; not waited for once all members have said that they have no record.
    private static final long RECORD_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Configuration configuration;
    private final LoopListener listener;
    private final Consumer<Partition> onOpened;
    private final EventStorage storage;
    private final Topology topology;
    private final Transport transport;
    private final QuorumPolicy quorum;

    /// Null until the partitions are open; peers may ask before.
    private volatile @Nullable PartitionTable opened;

    /// @param onOpened is given each partition that this node holds, before its loop starts
    NodeStart(
            Configuration configuration,
            LoopListener listener,
            Consumer<Partition> onOpened,
            EventStorage storage) {
        this.configuration = configuration;
        this.listener = listener;
        this.onOpened = onOpened;
        this.storage = storage;
        quorum =
                configuration
                        .selected(ProviderKind.QUORUM, QuorumPolicyProvider.class)
                        .create(configuration.context(ProviderKind.QUORUM));
        TransportProvider transports =
                configuration.selected(ProviderKind.TRANSPORT, TransportProvider.class);
        ProviderContext transportContext = configuration.context(ProviderKind.TRANSPORT);
        Optional<Credentials> credentials = transports.credentials(transportContext);
        topology =
                untilSignal(() ->
                        configuration
                                .selected(ProviderKind.TOPOLOGY, TopologyProvider.class)
                                .create(
                                        configuration.context(ProviderKind.TOPOLOGY),
                                        configuration.values().cluster(),
                                        Protocol.VERSIONS,
                                        credentials));
        try {
            transport = transports.create(transportContext, topology);
        } catch (RuntimeException e) {
            topology.close();
            throw e;
        }
    }

    /// Has a signal to the process interrupt what waits for other nodes, maybe for ever. Nothing
    /// else would: what ends a node that runs is not there yet.
    private static <T> T untilSignal(Supplier<T> waiting) {
        Thread interrupter = new Thread(Thread.currentThread()::interrupt, "stop-waiting");
        Runtime.getRuntime().addShutdownHook(interrupter);
        try {
            return waiting.get();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(interrupter);
            } catch (IllegalStateException e) {
                LOG.debug("the process ends", e);
            }
        }
    }

    /// Blocks until the node runs.
    ///
    /// @throws ConfigurationException for what the user has to change
    RunningNode start() {
        try {
            return started();
        } catch (RuntimeException e) {
            transport.close();
            topology.close();
            throw e;
        }
    }

    private RunningNode started() {
        ClusterView view = topology.view();
        Founding wanted = wanted(configuration.values(), view);
        NodeMemory memory = new NodeMemory(storage, configuration.dataFolder());
        Run run = memory.beginRun(configuration.node(), System.currentTimeMillis());
        Optional<ClusterRecord> recorded = memory.record(wanted);
        String address = ClientAddress.of(configuration.values());
        Hello own =
                recorded.map(record ->
                                new Hello(
                                        run, address, Protocol.VERSIONS, record.founding(), record))
                        .orElse(new Hello(run, address, Protocol.VERSIONS, wanted, null));
        Peers peers = new Peers(own, wanted, this::sendNow);
        topology.onChange(later -> follow(peers));
        follow(peers);
        peers.onStart(memory::heardStart);
        RemoteBounds bounds = new RemoteBounds(this::sendNow, this::askHere);
        PeerInbox inbox = new PeerInbox(peers, bounds);
        transport.start(inbox);
        ClusterRecord record = recorded.orElseGet(() -> found(memory, peers, wanted));
        peers.requireNotOutvoted();
        List<ShardLoop> loops = new ArrayList<>();
        PartitionTable table = open(run, record, loops);
        opened = table;
        inbox.attach(loops);
        loops.forEach(ShardLoop::start);
        return new RunningNode(
                run,
                record,
                storage,
                topology,
                transport,
                peers,
                inbox,
                bounds,
                List.copyOf(loops),
                table);
    }

    /// The view is read under the lock: of two calls the later one knows no less.
    private void follow(Peers peers) {
        synchronized (peers) {
            peers.members(topology.view().members().stream().map(Member::node).toList());
        }
    }

    private static Founding wanted(RidgelineConfig values, ClusterView view) {
        String buckets = values.buckets();
        return Founding.of(
                values.cluster(),
                values.partitions(),
                buckets.equals("auto") ? 0 : Integer.parseInt(buckets),
                values.replicas(),
                view);
    }

    private boolean sendNow(NodeId to, ByteBuffer message) {
        boolean taken = transport.send(to, Lane.CONTROL, message);
        transport.flush();
        return taken;
    }

    /// Another node asks how far a read must see.
    private void askHere(ReadIndexRequest request) {
        PartitionTable table = opened;
        Partition partition = table == null ? null : table.get(request.partition());
        if (partition == null) {
            request.reply()
                    .accept(new ReadIndexResult.NotCoordinator(request.partition(), null, 0));
        } else {
            partition.loop().submit((shard, nowNanos) -> shard.onReadIndex(request, nowNanos));
        }
    }

    private static ClusterRecord found(NodeMemory memory, Peers peers, Founding wanted) {
        ClusterRecord record;
        try {
            Optional<Hello> answered = peers.awaitRecord(RECORD_WAIT_NANOS);
            if (answered.isPresent() && answered.get().record() != null) {
                record = answered.get().record();
                LOG.infof(
                        "node %s has the record of cluster %s",
                        answered.get().run().node(), record.clusterId());
            } else {
                record =
                        ClusterRecord.initial(
                                wanted.settled(Runtime.getRuntime().availableProcessors()));
                LOG.infof(
                        "founding cluster %s, %s: %d partitions on %s, %d replicas each",
                        record.founding().cluster(),
                        record.clusterId(),
                        record.founding().partitions(),
                        record.founding().nodes(),
                        record.founding().replicas());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other nodes", e);
        }
        memory.save(record);
        peers.founded(record);
        return record;
    }

    private PartitionTable open(Run run, ClusterRecord record, List<ShardLoop> loops) {
        List<Partition> partitions = new ArrayList<>();
        for (int bucket = 0; bucket < record.buckets(); bucket++) {
            SortedMap<PartitionId, List<NodeId>> replicas = new TreeMap<>();
            int number = bucket;
            record.placements()
                    .forEach((partition, placement) -> {
                        if (placement.bucket() == number) {
                            replicas.put(partition, placement.replicas());
                        }
                    });
            ShardSettings settings =
                    EngineSettings.of(
                            configuration.values(),
                            run,
                            bucket,
                            record.clusterId(),
                            replicas,
                            quorum);
            ShardLoop loop = loop(storage.bucket(bucket), settings);
            loops.add(loop);
            replicas.forEach((id, nodes) -> {
                boolean here = nodes.contains(run.node());
                Partition partition = here ? loop.open(id, nodes) : loop.elsewhere(id, nodes);
                if (here) {
                    onOpened.accept(partition);
                }
                partitions.add(partition);
            });
        }
        return new PartitionTable(partitions, record::partitionOfSlot);
    }

    private ShardLoop loop(LogBucket log, ShardSettings settings) {
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
}
