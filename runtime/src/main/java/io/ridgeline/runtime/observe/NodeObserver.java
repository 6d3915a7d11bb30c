package io.ridgeline.runtime.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Role;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.runtime.shard.LoopListener;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.shard.ShardLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Logs what the engine has to say, one line for each change of state, and counts.
public final class NodeObserver implements LoopListener {
    private static final Logger LOG = Logger.getLogger("io.ridgeline.engine");

    private final MeterRegistry registry;
    private final Timer syncs;
    private final Timer queued;
    private final Timer confirmed;
    private final DistributionSummary turnAppends;
    private final DistributionSummary turnBytes;

    /// Shows the state of a node as gauges.
    public void watch(Node node) {
        gauge("ridgeline.ready", "Whether the node is ready", () -> node.isReady() ? 1 : 0);
        gauge(
                "ridgeline.queue.appends",
                "Appends that wait for a bucket or for their confirmation",
                () -> node.loops().stream().mapToLong(loop -> loop.admission().appends()).sum());
        gauge(
                "ridgeline.queue.bytes",
                "Bytes of these appends",
                () -> node.loops().stream().mapToLong(loop -> loop.admission().bytes()).sum());
        node.targets().onNew(target -> TargetMeters.register(target, registry));
        PluginMeters transport = new PluginMeters("transport", node::transportMeters, registry);
        PluginMeters topology = new PluginMeters("topology", node::topologyMeters, registry);
        // Read with every scrape, and so before the others of its kind are.
        gauge(
                "ridgeline.members.connected",
                "Other nodes that there is a connection to",
                () -> {
                    transport.refresh();
                    topology.refresh();
                    return node.connectedMembers();
                });
        gauge("ridgeline.subscriptions", "Open subscriptions", () -> node.reads().subscriptions());
        gauge(
                "ridgeline.partitions.coordinated",
                "Partitions that this node coordinates",
                () -> partitions(node).filter(NodeObserver::isCoordinated).count());
        gauge(
                "ridgeline.watermark.events",
                "Confirmed events of all partitions",
                () ->
                        partitions(node)
                                .mapToLong(each -> each.published().lastSequence() + 1)
                                .sum());
    }

    private static Stream<Partition> partitions(Node node) {
        PartitionTable table = node.partitions();
        return table == null ? Stream.empty() : table.all().stream();
    }

    private static boolean isCoordinated(Partition partition) {
        return partition.published().role() == Role.COORDINATING;
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /// @param registry where meters are registered
    public NodeObserver(MeterRegistry registry) {
        this.registry = registry;
        syncs =
                Timer.builder("ridgeline.sync")
                        .description("Time of one write and fsync of a bucket")
                        .publishPercentiles(0.5, 0.99)
                        .register(registry);
        queued = phase("queue");
        confirmed = phase("confirm");
        turnAppends =
                DistributionSummary.builder("ridgeline.turn.appends")
                        .description("Appends that share a write and an fsync")
                        .register(registry);
        turnBytes =
                DistributionSummary.builder("ridgeline.turn.bytes")
                        .description("Bytes of these appends as they came")
                        .register(registry);
    }

    private Timer phase(String phase) {
        return Timer.builder("ridgeline.append.phase")
                .description(
                        "Appends that came together: queue until they are ordered, then confirm"
                                + " until a quorum has them on disk")
                .tag("phase", phase)
                .publishPercentiles(0.5, 0.99)
                .register(registry);
    }

    @Override
    public void onAnswered(ShardLoop loop, long queueNanos, long confirmNanos) {
        queued.record(queueNanos, TimeUnit.NANOSECONDS);
        confirmed.record(confirmNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onTurn(ShardLoop loop, int appends, int bytes) {
        turnAppends.record(appends);
        turnBytes.record(bytes);
    }

    @Override
    public void onSynced(ShardLoop loop, long nanos) {
        syncs.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onLoopFailed(ShardLoop loop, Throwable failure) {
        count("loop.failed").increment();
    }

    private Counter count(String kind) {
        return registry.counter("ridgeline.engine.events", "kind", kind);
    }

    @Override
    public void onEvent(ShardLoop loop, EngineEvent event) {
        count(event.getClass().getSimpleName()).increment();
        switch (level(event)) {
            case ERROR -> LOG.error(text(loop, event));
            case WARN -> LOG.warn(text(loop, event));
            case INFO -> LOG.info(text(loop, event));
            default -> LOG.debug(event);
        }
    }

    private static String text(ShardLoop loop, EngineEvent event) {
        return "bucket " + loop.bucket() + ": " + event;
    }

    /// Error: somebody must act; warn: degraded; info: changed.
    private static Logger.Level level(EngineEvent event) {
        return switch (event) {
            case EngineEvent.StorageFailed e -> Logger.Level.ERROR;
            case EngineEvent.Violation e -> Logger.Level.ERROR;
            case EngineEvent.Outdated e -> Logger.Level.ERROR;
            case EngineEvent.BecameBlank e -> Logger.Level.ERROR;
            case EngineEvent.Damaged e -> Logger.Level.ERROR;
            case EngineEvent.QuorumChanged e ->
                    e.available() ? Logger.Level.INFO : Logger.Level.WARN;
            case EngineEvent.PeerChanged e -> e.alive() ? Logger.Level.INFO : Logger.Level.WARN;
            case EngineEvent.DegradedChanged e ->
                    e.degraded() ? Logger.Level.WARN : Logger.Level.INFO;
            case EngineEvent.TakeoverFailed e -> Logger.Level.WARN;
            case EngineEvent.Deposed e -> Logger.Level.WARN;
            case EngineEvent.ConfigurationDiffers e -> Logger.Level.WARN;
            case EngineEvent.Paused e -> Logger.Level.WARN;
            case EngineEvent.EntriesDropped e -> Logger.Level.INFO;
            case EngineEvent.LogAdopted e -> Logger.Level.INFO;
            case EngineEvent.Readmitted e -> Logger.Level.INFO;
            case EngineEvent.BecameVoter e -> Logger.Level.INFO;
            case EngineEvent.Repaired e -> Logger.Level.INFO;
            case EngineEvent.QuorumSet e -> Logger.Level.INFO;
            case EngineEvent.Skipped e -> Logger.Level.WARN;
            case EngineEvent.Transfer e -> Logger.Level.INFO;
            case EngineEvent.RoleChanged e ->
                    e.role() == Role.COORDINATING ? Logger.Level.INFO : Logger.Level.DEBUG;
            case EngineEvent.PollStarted e -> Logger.Level.DEBUG;
            case EngineEvent.TurnPassed e -> Logger.Level.DEBUG;
            case EngineEvent.TakeoverStarted e -> Logger.Level.DEBUG;
            case EngineEvent.Promised e -> Logger.Level.DEBUG;
            case EngineEvent.EpochConfirmed e -> Logger.Level.DEBUG;
            case EngineEvent.FateLearned e -> Logger.Level.DEBUG;
            case EngineEvent.CatchUpStarted e -> Logger.Level.DEBUG;
            case EngineEvent.WriteBuffered e -> Logger.Level.DEBUG;
            case EngineEvent.BufferDropped e -> Logger.Level.DEBUG;
            case EngineEvent.Resent e -> Logger.Level.DEBUG;
            case EngineEvent.MessageRefused e -> Logger.Level.DEBUG;
            case EngineEvent.Forwarded e -> Logger.Level.DEBUG;
            case EngineEvent.DuplicateAnswered e -> Logger.Level.DEBUG;
        };
    }
}
