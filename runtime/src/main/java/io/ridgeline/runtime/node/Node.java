package io.ridgeline.runtime.node;

import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.runtime.append.Appends;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.config.RidgelineConfig;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.runtime.read.ReadSettings;
import io.ridgeline.runtime.read.Reads;
import io.ridgeline.runtime.remote.NoAnswerException;
import io.ridgeline.runtime.remote.RemoteSettings;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.shard.LoopListener;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.runtime.wire.AppendLimits;
import io.ridgeline.spi.Meter;
import io.ridgeline.spi.Metered;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.EventStorage;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.topology.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A node: storage, transport, topology and quorum policy as they are selected, and a loop for each
/// bucket that runs the engine on them.
///
/// Started and stopped once, by one thread. Everything else may be called from any thread, and
/// before the start: callers are then told that the node is not ready.
public final class Node {
    private static final Logger LOG = Logger.getLogger(Node.class);

    /// How long a node looks for coordinators before what it has is good enough. The nodes of a
    /// cluster that are started one after the other, each once the one before is ready, need it.
    private static final long COORDINATOR_WAIT_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Configuration configuration;
    private final LoopListener listener;
    private final Targets targets;
    private final Appends appends;
    private final Reads reads;
    private volatile @Nullable RunningNode running;
    private volatile boolean hasBeenReady;
    private long startedNanos;
    private volatile boolean stopping;
    private volatile boolean givenUp;

    /// @param listener observes the loops
    public Node(Configuration configuration, LoopListener listener) {
        this.configuration = configuration;
        this.listener = listener;
        RidgelineConfig values = configuration.values();
        RidgelineConfig.Limits limits = values.limits();
        targets = new Targets(RemoteSettings.of(values.faultTolerance()));
        appends =
                new Appends(
                        this::partitions,
                        AppendLimits.of(values),
                        this::clientAddress,
                        targets,
                        limits.callAppends(),
                        limits.callBytes().asLongValue());
        reads =
                new Reads(
                        this::partitions,
                        ReadSettings.of(values, Runtime.getRuntime().availableProcessors()),
                        this::clientAddress,
                        targets,
                        this::askForBound);
    }

    private CompletionStage<ReadIndexResult> askForBound(
            NodeId to, PartitionId partition, long deadlineNanos) {
        RunningNode now = running;
        return now == null
                ? CompletableFuture.failedStage(new NoAnswerException(to))
                : now.bounds().ask(to, partition, deadlineNanos);
    }

    /// {@return where appends go}
    public Appends appends() {
        return appends;
    }

    /// {@return the other nodes that requests have gone to}
    public Targets targets() {
        return targets;
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
        RunningNode now = running;
        return now == null ? null : now.partitions();
    }

    /// {@return the loops; none before the start}
    public List<ShardLoop> loops() {
        RunningNode now = running;
        return now == null ? List.of() : now.loops();
    }

    /// {@return the id of the cluster, as text; empty before the start}
    public String clusterId() {
        RunningNode now = running;
        return now == null ? "" : now.cluster().clusterId().toString();
    }

    /// {@return the members of the cluster as far as they are known; none before the start}
    public List<Member> members() {
        RunningNode now = running;
        return now == null ? List.of() : now.topology().view().members();
    }

    /// {@return where clients reach a node, host:port; empty if it is not known}
    public String clientAddress(NodeId node) {
        RunningNode now = running;
        return now == null ? "" : now.peers().clientAddress(node);
    }

    /// {@return when the run of a member began that it spoke of last, else that the topology knows
    /// of, in milliseconds since 1970; 0 if neither}
    public long startedAt(Member member) {
        RunningNode now = running;
        return now == null
                ? 0
                : now.peers()
                        .of(member.node())
                        .map(hello -> hello.run().startedAt())
                        .orElse(member.startedAt());
    }

    /// {@return the protocol versions that a member speaks by its own word, else as the topology
    /// knows; empty if neither}
    public Optional<ProtocolVersions> protocolVersions(Member member) {
        Optional<ProtocolVersions> known = Optional.ofNullable(member.versions());
        RunningNode now = running;
        return now == null ? known : now.peers().versions(member.node()).or(() -> known);
    }

    /// {@return how many other nodes there is a connection to}
    public int connectedMembers() {
        RunningNode now = running;
        return now == null ? 0 : now.inbox().connected().size();
    }

    /// {@return what the transport has counted; nothing before the start}
    public List<Meter> transportMeters() {
        RunningNode now = running;
        return now == null ? List.of() : meters(now.transport());
    }

    /// {@return what the topology has counted; nothing before the start}
    public List<Meter> topologyMeters() {
        RunningNode now = running;
        return now == null ? List.of() : meters(now.topology());
    }

    private static List<Meter> meters(Object plugin) {
        return plugin instanceof Metered metered ? metered.meters() : List.of();
    }

    /// {@return whether there is a connection to another node}
    public boolean isConnected(NodeId node) {
        RunningNode now = running;
        return now != null && now.inbox().connected().contains(node);
    }

    /// {@return whether to send callers here: from the moment that every partition that this node
    /// holds has a known coordinator, or, if none is found for a while, that the node can serve
    /// what it has to `LOCAL` reads; until the node stops. Never in between: a failover is no
    /// reason to take a node out, its callers wait no longer here than elsewhere}
    public boolean isReady() {
        PartitionTable table = partitions();
        if (table == null || stopping || givenUp) {
            return false;
        }
        if (!hasBeenReady) {
            boolean patient = System.nanoTime() - startedNanos < COORDINATOR_WAIT_NANOS;
            hasBeenReady =
                    table.all().stream()
                            .filter(Partition::isHere)
                            .map(Partition::published)
                            .allMatch(state ->
                                    state.coordinator() != null || (!patient && state.readable()));
        }
        return hasBeenReady;
    }

    /// {@return whether the node ends because it cannot belong to its cluster}
    public boolean hasGivenUp() {
        return givenUp;
    }

    /// {@return whether its end has begun}
    public boolean isStopping() {
        return stopping;
    }

    /// Notes that the node ends because it cannot belong to its cluster.
    public void giveUp() {
        givenUp = true;
    }

    /// Has something done if it turns out that this node cannot belong to its cluster.
    public void onOutvoted(Consumer<ConfigurationException> action) {
        RunningNode now = running;
        if (now != null) {
            now.peers().onOutvoted(action);
        }
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
        RunningNode started =
                new NodeStart(configuration, listener, reads::attach, storage).start();
        startedNanos = System.nanoTime();
        running = started;
        LOG.infof(
                "node %s of cluster %s: %d partitions in %d buckets recovered in %d ms",
                started.run().node(),
                started.cluster().clusterId(),
                started.partitions().all().size(),
                started.loops().size(),
                TimeUnit.NANOSECONDS.toMillis(startedNanos - begun));
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
        RunningNode now = running;
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
                    now.run().node());
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
