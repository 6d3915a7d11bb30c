package io.ridgeline.runtime.read;

import io.grpc.ServerCall;
import io.ridgeline.api.v1.Consistency;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.runtime.refusal.ReadRefusals;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.refusal.RefusedException;
import io.ridgeline.runtime.remote.Targets;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Direction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads and subscriptions of a node: a few threads serve any number of callers, since a caller who
/// waits holds none.
public final class Reads implements AutoCloseable {
    private final Supplier<@Nullable PartitionTable> partitions;
    private final ReadSettings settings;
    private final Function<NodeId, String> addresses;
    private final Bounds bounds;
    private final ExecutorService executor;
    private final ScheduledExecutorService timer;
    private final Set<SubscribeCall> subscriptions = ConcurrentHashMap.newKeySet();
    private final Map<PartitionId, LiveHub> hubs = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /// @param partitions gives null until the node has its partitions
    /// @param addresses where clients reach a node, host:port; empty if it is not known
    /// @param targets the nodes that are asked for the bounds of reads
    /// @param remote how another node is asked for the bound of a read
    public Reads(
            Supplier<@Nullable PartitionTable> partitions,
            ReadSettings settings,
            Function<NodeId, String> addresses,
            Targets targets,
            Bounds.Remote remote) {
        this.partitions = partitions;
        this.settings = settings;
        this.addresses = addresses;
        executor =
                Executors.newFixedThreadPool(
                        settings.threads(),
                        Thread.ofPlatform().daemon().name("ridgeline-read-", 0).factory());
        timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("ridgeline-checkpoints").factory());
        bounds = new Bounds(targets, remote, addresses, settings.timeout());
        long millis = settings.checkpointInterval().toMillis();
        ScheduledFuture<?> _ =
                timer.scheduleWithFixedDelay(
                        () -> subscriptions.forEach(SubscribeCall::onCheckpointTime),
                        millis,
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /// Wakes its subscriptions when a partition has news; before its shard starts.
    public void attach(Partition partition) {
        LiveHub hub = new LiveHub(partition, executor);
        hubs.put(partition.id(), hub);
        partition.watch(hub);
    }

    /// {@return who reads a stream for a call}
    public ServerCall.Listener<ReadStreamRequest> readStream(
            ServerCall<ReadStreamRequest, EncodedMessage> call, long callDeadlineNanos) {
        return new ReadCall<>(call, this, this::plan, deadline(callDeadlineNanos));
    }

    /// {@return who reads a partition for a call}
    public ServerCall.Listener<ReadPartitionRequest> readPartition(
            ServerCall<ReadPartitionRequest, EncodedMessage> call, long callDeadlineNanos) {
        return new ReadCall<>(call, this, this::plan, deadline(callDeadlineNanos));
    }

    /// {@return who reads all partitions for a call}
    public ServerCall.Listener<ReadAllRequest> readAll(
            ServerCall<ReadAllRequest, EncodedMessage> call, long callDeadlineNanos) {
        return new ReadCall<>(call, this, this::plan, deadline(callDeadlineNanos));
    }

    /// {@return who looks an event up for a call}
    public ServerCall.Listener<GetEventRequest> getEvent(
            ServerCall<GetEventRequest, EncodedMessage> call) {
        return new GetEventCall(call, this);
    }

    /// {@return who follows events for a call}
    public ServerCall.Listener<SubscribeRequest> subscribe(
            ServerCall<SubscribeRequest, EncodedMessage> call) {
        return new SubscribeCall(call, this);
    }

    /// {@return the number of open subscriptions}
    public int subscriptions() {
        return subscriptions.size();
    }

    /// Ends all subscriptions and refuses new reads.
    public void stop() {
        stopping = true;
        bounds.stop();
        subscriptions.forEach(each -> each.end(notReady()));
    }

    @Override
    public void close() {
        stop();
        timer.shutdownNow();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            executor.shutdownNow();
        }
    }

    ExecutorService executor() {
        return executor;
    }

    Bounds bounds() {
        return bounds;
    }

    /// {@return where clients reach a node, host:port; empty if it is not known}
    Function<NodeId, String> addresses() {
        return addresses;
    }

    int pageBytes() {
        return settings.pageBytes();
    }

    LiveHub hub(Partition partition) {
        LiveHub hub = hubs.get(partition.id());
        if (hub == null) {
            throw new RefusedException(ReadRefusals.unknown(partition.id()));
        }
        return hub;
    }

    void register(SubscribeCall subscription) {
        if (subscriptions.size() >= settings.subscriptionsMax()) {
            throw new RefusedException(SubscribeCall.tooMany(settings.subscriptionsMax()));
        }
        subscriptions.add(subscription);
        if (stopping) {
            subscription.end(notReady());
        }
    }

    void unregister(SubscribeCall subscription) {
        subscriptions.remove(subscription);
    }

    private long deadline(long callDeadlineNanos) {
        long configured = System.nanoTime() + settings.timeout().toNanos();
        return configured - callDeadlineNanos < 0 ? configured : callDeadlineNanos;
    }

    private Refusal notReady() {
        return Refusal.of(
                ErrorCode.NOT_READY, stopping ? "the node is stopping" : "the node is starting");
    }

    PartitionTable table() {
        PartitionTable table = partitions.get();
        if (table == null || stopping) {
            throw new RefusedException(notReady());
        }
        return table;
    }

    private ReadPlan plan(ReadStreamRequest request) {
        StreamKey key = key(request.getStream(), request.getPartitionKey());
        Partition partition = here(table().ofKey(key.partitionKey()));
        Direction direction = direction(request.getDirection());
        long from = request.hasFromVersion() ? request.getFromVersion() : start(direction);
        return new ReadPlan(
                List.of(new PartitionCursor(partition, key, direction, nonNegative(from))),
                limit(request.getLimit()),
                level(request.getConsistency(), request.getAfter(), partition));
    }

    private ReadPlan plan(ReadPartitionRequest request) {
        Partition partition = here(partition(request.getPartition()));
        Direction direction = direction(request.getDirection());
        long from = request.hasFromSequence() ? request.getFromSequence() : start(direction);
        return new ReadPlan(
                List.of(new PartitionCursor(partition, null, direction, nonNegative(from))),
                limit(request.getLimit()),
                level(request.getConsistency(), request.getAfter(), partition));
    }

    private ReadPlan plan(ReadAllRequest request) {
        Collection<Partition> several = severalHere(request.getPartitionsList());
        SortedMap<PartitionId, Long> after = after(request.getAfter(), several);
        List<PartitionCursor> cursors = new ArrayList<>();
        for (Partition partition : several) {
            long next = after.getOrDefault(partition.id(), -1L) + 1;
            cursors.add(new PartitionCursor(partition, null, Direction.FORWARD, next));
        }
        ReadIndexRequest.Level level =
                switch (request.getConsistency()) {
                    case LOCAL -> null;
                    case LINEARIZABLE -> new ReadIndexRequest.Level.Linearizable();
                    case SESSION, UNRECOGNIZED ->
                            throw refused("consistency", "LOCAL or LINEARIZABLE is expected");
                };
        return new ReadPlan(cursors, limit(request.getLimit()), level);
    }

    SubscribeCall.Subscription plan(SubscribeRequest request) {
        return switch (request.getSourceCase()) {
            case STREAM -> {
                SubscribeRequest.StreamSource source = request.getStream();
                StreamKey key = key(source.getStream(), source.getPartitionKey());
                Partition partition = here(table().ofKey(key.partitionKey()));
                yield new SubscribeCall.Subscription(
                        List.of(
                                source.hasEnd()
                                        ? endOf(partition, key)
                                        : from(partition, key, source.getFromVersion())));
            }
            case PARTITION -> {
                SubscribeRequest.PartitionSource source = request.getPartition();
                Partition partition = here(partition(source.getPartition()));
                yield new SubscribeCall.Subscription(
                        List.of(
                                source.hasEnd()
                                        ? endOf(partition, null)
                                        : from(partition, null, source.getFromSequence())));
            }
            case ALL -> {
                SubscribeRequest.AllSource source = request.getAll();
                Collection<Partition> several = severalHere(source.getPartitionsList());
                SortedMap<PartitionId, Long> after = after(source.getAfter(), several);
                List<SubscribeCall.Followed> all = new ArrayList<>();
                for (Partition partition : several) {
                    long last = after.getOrDefault(partition.id(), -1L);
                    all.add(
                            source.hasEnd()
                                    ? endOf(partition, null)
                                    : from(partition, null, last + 1));
                }
                yield new SubscribeCall.Subscription(all);
            }
            case SOURCE_NOT_SET -> throw refused("source", "stream, partition or all is expected");
        };
    }

    private static SubscribeCall.Followed from(
            Partition partition, @Nullable StreamKey stream, long first) {
        long next = nonNegative(first);
        PartitionCursor cursor = new PartitionCursor(partition, stream, Direction.FORWARD, next);
        long before = stream == null ? next - 1 : -1;
        return new SubscribeCall.Followed(cursor, partition.published().lastSequence(), before);
    }

    private SubscribeCall.Followed endOf(Partition partition, @Nullable StreamKey stream) {
        Published now = partition.published();
        long next = now.lastSequence() + 1;
        if (stream != null) {
            next = new StreamEnd(stream).nextVersion(partition, now.watermark().index());
        }
        PartitionCursor cursor = new PartitionCursor(partition, stream, Direction.FORWARD, next);
        return new SubscribeCall.Followed(cursor, now.lastSequence(), now.lastSequence());
    }

    /// Reads a position; its places in other partitions than those that are read mean nothing, so
    /// that one position will do for all nodes that are asked for a share.
    private SortedMap<PartitionId, Long> after(Position position, Collection<Partition> read) {
        Set<Partition> these = new HashSet<>(read);
        SortedMap<PartitionId, Long> after = new TreeMap<>();
        for (PartitionPosition each : position.getPartitionsList()) {
            Partition partition = partition(each.getPartition());
            if (!these.contains(partition)) {
                continue;
            }
            checkHistory(partition, each);
            if (each.getSequence() < -1) {
                throw refused("after.partitions.sequence", "is below -1");
            }
            after.put(partition.id(), each.getSequence());
        }
        return after;
    }

    private static void checkHistory(Partition partition, PartitionPosition position) {
        int history = partition.published().history();
        if (position.getSequence() >= 0 && position.getHistory() != history) {
            throw new RefusedException(ReadRefusals.otherHistory(partition.id(), history));
        }
    }

    private static ReadIndexRequest.@Nullable Level level(
            Consistency consistency, Position after, Partition partition) {
        return switch (consistency) {
            case LOCAL -> null;
            case LINEARIZABLE -> new ReadIndexRequest.Level.Linearizable();
            case SESSION -> {
                for (PartitionPosition each : after.getPartitionsList()) {
                    if (each.getPartition() == partition.id().value()) {
                        yield new ReadIndexRequest.Level.Session(
                                each.getHistory(), each.getSequence());
                    }
                }
                // The session has seen nothing of this partition: anything is fresh enough.
                yield null;
            }
            case UNRECOGNIZED -> throw refused("consistency", "unknown to this server");
        };
    }

    private Partition partition(int number) {
        PartitionId id = new PartitionId(number);
        Partition partition = table().get(id);
        if (partition == null) {
            throw new RefusedException(ReadRefusals.unknown(id));
        }
        return partition;
    }

    /// {@return the partitions with these numbers, each once, sorted; all if there are none}
    Collection<Partition> several(List<Integer> numbers) {
        if (numbers.isEmpty()) {
            return table().all();
        }
        SortedMap<PartitionId, Partition> several = new TreeMap<>();
        for (int number : numbers) {
            Partition partition = partition(number);
            several.put(partition.id(), partition);
        }
        return several.values();
    }

    private Collection<Partition> severalHere(List<Integer> numbers) {
        Collection<Partition> several = several(numbers);
        several.forEach(this::here);
        return several;
    }

    /// {@return the partition, which this node holds}
    ///
    /// @throws RefusedException if only others do
    Partition here(Partition partition) {
        if (!partition.isHere()) {
            throw new RefusedException(
                    ReadRefusals.notReplica(partition.id(), partition.replicas(), addresses));
        }
        return partition;
    }

    private static StreamKey key(String stream, String partitionKey) {
        if (stream.isEmpty()) {
            throw refused("stream", "is empty");
        }
        return new StreamKey(partitionKey.isEmpty() ? stream : partitionKey, stream);
    }

    private static Direction direction(io.ridgeline.api.v1.Direction direction) {
        return switch (direction) {
            case FORWARD -> Direction.FORWARD;
            case BACKWARD -> Direction.BACKWARD;
            case UNRECOGNIZED -> throw refused("direction", "unknown to this server");
        };
    }

    private static long start(Direction direction) {
        return direction == Direction.FORWARD ? 0 : Long.MAX_VALUE;
    }

    private static long limit(long limit) {
        return limit <= 0 ? Long.MAX_VALUE : limit;
    }

    /// Numbers that do not fit are beyond every end.
    private static long nonNegative(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    private static RefusedException refused(String field, String problem) {
        return new RefusedException(Refusal.invalid(field, problem));
    }
}
