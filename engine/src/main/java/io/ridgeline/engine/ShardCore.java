package io.ridgeline.engine;

import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.node.Elsewhere;
import io.ridgeline.engine.node.Forwarding;
import io.ridgeline.engine.node.Peer;
import io.ridgeline.engine.node.Wakes;
import io.ridgeline.engine.replica.Host;
import io.ridgeline.engine.replica.PartitionReplica;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The shard behind its entry points: dispatches inputs to replicas, keeps the peers, and gathers
/// what a turn sends. A replica that fails is stopped by itself; a disk that fails stops all.
final class ShardCore implements Host {
    private static final long SLOTS_SERVED_PER_TURN = 64;

    private final ShardSettings settings;
    private final LogBucket bucket;
    private final Ports ports;
    private final RandomGenerator random;
    private final NodeId self;
    private final Map<PartitionId, PartitionReplica> replicas = new TreeMap<>();
    private final Map<NodeId, Peer> peers = new TreeMap<>();
    private final Elsewhere elsewhere = new Elsewhere();
    private final Forwarding forwarding;
    private final Wakes wakes = new Wakes();
    private final Queue<Page> pages = new ArrayDeque<>();
    private List<PartitionReplica> touched = new ArrayList<>();
    private List<PartitionReplica> dirty = new ArrayList<>();
    private final TreeSet<PartitionId> moved = new TreeSet<>();
    private final TreeSet<PartitionId> movedBefore = new TreeSet<>();
    private @Nullable PartitionReplica lastUsed;
    private long now;
    private long heartbeatAt = Long.MAX_VALUE;
    private long syncBegan = -1;
    private long slowSyncNanos;
    private long syncs;
    private boolean justSynced;

    /// Whether the last sync led to something that needs another one.
    private boolean syncOwed;

    private boolean stopping;
    private boolean failed;

    private record Page(PartitionReplica replica, Run asker, PartitionSyncRequest request) {}

    ShardCore(ShardSettings settings, LogBucket bucket, Ports ports, RandomGenerator random) {
        this.settings = settings;
        this.bucket = bucket;
        this.ports = ports;
        this.random = random;
        this.self = settings.self().node();
        this.forwarding = new Forwarding(self, random.nextLong() >>> 2);
        TreeSet<PartitionId> here = new TreeSet<>(bucket.partitions());
        settings.replicas()
                .forEach((partition, nodes) -> {
                    if (nodes.contains(self)) {
                        here.add(partition);
                    }
                });
        for (PartitionId id : here) {
            List<NodeId> assigned = settings.replicas().getOrDefault(id, List.of(self));
            replicas.put(id, new PartitionReplica(id, assigned, bucket.open(id), this));
        }
    }

    // ---- inputs ----

    void start(long nowNanos) {
        now = nowNanos;
        TreeSet<NodeId> nodes = new TreeSet<>();
        settings.replicas().values().forEach(nodes::addAll);
        replicas.values().forEach(replica -> replica.forEachMember(nodes::add));
        nodes.remove(self);
        nodes.forEach(this::peer);
        if (!peers.isEmpty()) {
            heartbeatAt = now;
        }
        for (PartitionReplica replica : replicas.values()) {
            guard(replica, PartitionReplica::start);
        }
    }

    private Peer peer(NodeId node) {
        return peers.computeIfAbsent(
                node, name -> new Peer(name, settings, ports, this::onForwardDropped, now));
    }

    void onMessage(NodeId from, ByteBuffer bytes, long nowNanos) {
        now = nowNanos;
        try {
            FrameReader frame = new FrameReader(bytes);
            if (!frame.header().clusterId().equals(settings.clusterId())
                    || frame.header().bucket() != settings.bucket()) {
                refuse(from, "frame", "of another cluster or bucket: " + frame.header());
                return;
            }
            Run sender = hear(from, frame.header().startedAt());
            if (sender == null) {
                return;
            }
            for (Message message = frame.next(); message != null; message = frame.next()) {
                dispatch(sender, message);
            }
        } catch (MalformedMessageException e) {
            refuse(from, "frame", String.valueOf(e.getMessage()));
        }
    }

    /// Who speaks; null if it is not the newest run of its node (H8, R-CO-4, R-ER-2).
    private @Nullable Run hear(NodeId from, long startedAt) {
        if (from.equals(self)) {
            refuse(from, "frame", "another node under this node's name");
            return null;
        }
        Peer peer = peer(from);
        Run known = peer.run();
        if (known != null && known.startedAt() == startedAt) {
            peer.onHeard(known, now);
            review(peer);
            return known;
        }
        Run sender = new Run(from, startedAt);
        if (known != null
                && startedAt < known.startedAt()
                && settings.rules().holds(Rule.STALE_RUN_REFUSED)) {
            refuse(from, "frame", "run " + sender + ", newest is " + known);
            peer.send(Lane.CONTROL, new NodeMessage.OutdatedRun(known.startedAt()));
            return null;
        }
        if (peer.onHeard(sender, now)) {
            peer.tellAll(replicas.values());
            replicas.values().forEach(replica -> replica.onNewRun(from));
            contactChanged();
        }
        review(peer);
        return sender;
    }

    private void review(Peer peer) {
        if (!peer.isHeard() && peer.review(now)) {
            record(new EngineEvent.PeerChanged(peer.node(), true));
            contactChanged();
        }
    }

    private void dispatch(Run sender, Message message) {
        switch (message) {
            case PartitionMessage about -> {
                PartitionReplica replica = replicas.get(about.header().partition());
                if (replica == null) {
                    refuse(sender.node(), "message", "no partition " + about.header().partition());
                    return;
                }
                try {
                    replica.onMessage(sender, about);
                } catch (RuntimeException e) {
                    onFailure(replica, e);
                }
            }
            case NodeMessage.Heartbeat heartbeat -> onHeartbeat(sender, heartbeat);
            case NodeMessage.ExecuteForward forward -> onForward(sender, forward);
            case NodeMessage.ExecuteAnswer answer -> onForwardAnswered(sender, answer);
            case NodeMessage.OutdatedRun(long newest) -> onOutdated(newest);
        }
    }

    private void onHeartbeat(Run sender, NodeMessage.Heartbeat heartbeat) {
        Peer peer = peer(sender.node());
        boolean knownBefore = peer.claimsKnown(now);
        boolean newer = peer.onHeartbeat(heartbeat);
        boolean toUs = heartbeat.echoRun() == settings.self().startedAt();
        if (newer) {
            for (DigestEntry entry : heartbeat.digest()) {
                PartitionReplica replica = replicas.get(entry.partition());
                if (replica == null) {
                    elsewhere.onDigest(sender.node(), entry);
                    continue;
                }
                try {
                    replica.onDigest(sender, entry, toUs);
                } catch (RuntimeException e) {
                    onFailure(replica, e);
                }
            }
        }
        boolean changed = peer.review(now);
        if (changed || knownBefore != peer.claimsKnown(now)) {
            contactChanged();
        }
    }

    /// A newer run of this node exists; two under one name end here (H8).
    private void onOutdated(long newest) {
        if (newest > settings.self().startedAt()) {
            record(new EngineEvent.Outdated(settings.self().startedAt(), newest));
            for (PartitionReplica replica : replicas.values()) {
                replica.halt("a newer run of this node exists", Cause.PARTITION_STOPPED);
            }
        }
    }

    private void contactChanged() {
        for (PartitionReplica replica : replicas.values()) {
            guard(replica, PartitionReplica::onContactChanged);
        }
    }

    void onConnected(NodeId node, long nowNanos) {
        now = nowNanos;
        Peer peer = peer(node);
        if (heartbeatAt == Long.MAX_VALUE) {
            heartbeatAt = now;
        }
        peer.setConnected(true);
        for (PartitionReplica replica : replicas.values()) {
            guard(replica, each -> each.onConnected(node));
        }
    }

    void onDisconnected(NodeId node, long nowNanos) {
        now = nowNanos;
        Peer peer = peer(node);
        peer.setConnected(false);
        forwarding.onLost(node);
        if (peer.review(now)) {
            contactChanged();
        }
    }

    void onExecute(ExecuteTransaction request, long nowNanos) {
        now = nowNanos;
        PartitionReplica replica = lastUsed;
        if (replica == null || !replica.id().equals(request.partition())) {
            replica = replicas.get(request.partition());
            if (replica == null) {
                executeElsewhere(request);
                return;
            }
            lastUsed = replica;
        }
        try {
            replica.onExecute(request);
        } catch (RuntimeException e) {
            onFailure(replica, e);
        }
    }

    private void executeElsewhere(ExecuteTransaction request) {
        List<NodeId> nodes = settings.replicas().get(request.partition());
        if (nodes == null) {
            request.answer(new AppendResult.UnknownPartition(request.partition()));
            return;
        }
        NodeId to = elsewhere.target(request.partition(), nodes, request.tried(), this::isHeard);
        if (to != null && request.hops() < settings.limits().hopsMax()) {
            forward(request, to);
            return;
        }
        int needed = settings.quorum().quorum(nodes.size()).write();
        int heard = Math.toIntExact(nodes.stream().filter(this::isHeard).count());
        request.answer(
                heard < needed
                        ? new AppendResult.QuorumUnavailable(request.partition(), needed, heard)
                        : new AppendResult.NotCoordinator(
                                request.partition(), to, 0, request.tried()));
    }

    void onReadIndex(ReadIndexRequest request, long nowNanos) {
        now = nowNanos;
        PartitionReplica replica = replicas.get(request.partition());
        if (replica != null) {
            guard(replica, each -> each.onReadIndex(request));
        } else if (settings.replicas().containsKey(request.partition())) {
            request.reply()
                    .accept(
                            new ReadIndexResult.NotCoordinator(
                                    request.partition(),
                                    elsewhere.coordinator(request.partition()),
                                    0));
        } else {
            request.reply().accept(new ReadIndexResult.UnknownPartition(request.partition()));
        }
    }

    void onCommand(AdminCommand command, long nowNanos) {
        now = nowNanos;
        PartitionReplica replica = replicas.get(command.partition());
        if (replica == null) {
            command.reply()
                    .accept(
                            new CommandResult.NotCoordinator(
                                    elsewhere.coordinator(command.partition())));
        } else {
            guard(replica, each -> each.onCommand(command));
        }
    }

    void onTimer(long nowNanos) {
        now = nowNanos;
        syncOwed = false;
        if (heartbeatAt <= now) {
            long late = now - heartbeatAt;
            if (late > settings.timings().detectorNanos() / 2) {
                onPaused(late, now);
            }
            heartbeatAt = now + settings.timings().heartbeatNanos();
            heartbeat();
        }
        forwarding.onTimer(now);
        for (PartitionReplica due = wakes.take(now); due != null; due = wakes.take(now)) {
            try {
                due.onTimer(now);
            } catch (RuntimeException e) {
                onFailure(due, e);
            }
        }
    }

    private void heartbeat() {
        // What moved in the beat before and not in this one has come to rest: say where.
        for (PartitionId id : movedBefore) {
            if (!moved.contains(id)) {
                PartitionReplica replica = replicas.get(id);
                if (replica != null && replica.isCoordinating()) {
                    digestChanged(replica);
                }
            }
        }
        movedBefore.clear();
        movedBefore.addAll(moved);
        moved.clear();
        boolean changed = false;
        for (Peer peer : peers.values()) {
            boolean wasHeard = peer.isHeard();
            boolean knewClaims = peer.claimsKnown(now);
            changed |= peer.review(now);
            changed |= knewClaims != peer.claimsKnown(now);
            if (wasHeard != peer.isHeard()) {
                record(new EngineEvent.PeerChanged(peer.node(), peer.isHeard()));
                if (!peer.isHeard()) {
                    forwarding.onLost(peer.node());
                }
            }
            peer.send(Lane.CONTROL, peer.heartbeat(failed ? -1 : slowSyncNanos, now));
        }
        if (changed) {
            contactChanged();
        }
    }

    long nextTimerNanos() {
        if (!pages.isEmpty() || syncOwed) {
            return now;
        }
        return Math.min(Math.min(heartbeatAt, wakes.next()), forwarding.earliestDeadline());
    }

    void endTurn(long nowNanos) {
        now = nowNanos;
        servePages();
        List<PartitionReplica> turn = touched;
        touched = new ArrayList<>();
        for (int i = 0; i < turn.size(); i++) {
            PartitionReplica replica = turn.get(i);
            try {
                replica.endTurn();
            } catch (RuntimeException e) {
                onFailure(replica, e);
            }
        }
        for (Peer peer : peers.values()) {
            peer.flush();
        }
        syncOwed = justSynced && !failed && bucket.isDirty();
        justSynced = false;
        if (syncBegan < 0 && !dirty.isEmpty()) {
            syncBegan = now;
        }
    }

    private void servePages() {
        long bytes = 0;
        long served = 0;
        while (!pages.isEmpty()
                && bytes < settings.limits().bulkBytesPerTurnMax()
                && served < SLOTS_SERVED_PER_TURN) {
            Page page = pages.remove();
            served++;
            try {
                bytes += page.replica().servePage(page.asker(), page.request());
            } catch (RuntimeException e) {
                onFailure(page.replica(), e);
            }
        }
    }

    void onSynced(long nowNanos) {
        now = nowNanos;
        boolean late = syncBegan >= 0 && now - syncBegan > settings.timings().syncLateNanos();
        slowSyncNanos = late ? now - syncBegan : 0;
        syncBegan = -1;
        syncs++;
        justSynced = true;
        boolean whole = !bucket.isDirty();
        List<PartitionReplica> synced = dirty;
        dirty = new ArrayList<>();
        for (int i = 0; i < synced.size(); i++) {
            PartitionReplica replica = synced.get(i);
            try {
                replica.onDurable(whole);
            } catch (RuntimeException e) {
                onFailure(replica, e);
            }
        }
        if (late) {
            for (PartitionReplica replica : replicas.values()) {
                guard(replica, PartitionReplica::onSlowDisk);
            }
        }
    }

    void onStorageFailed(StorageException failure, long nowNanos) {
        now = nowNanos;
        if (failed) {
            return;
        }
        failed = true;
        String reason = String.valueOf(failure.getMessage());
        record(new EngineEvent.StorageFailed(reason));
        for (PartitionReplica replica : replicas.values()) {
            replica.halt("storage failed: " + reason, Cause.STORAGE_FAILED);
        }
    }

    void onPaused(long pausedNanos, long nowNanos) {
        now = nowNanos;
        record(new EngineEvent.Paused(pausedNanos));
        peers.values().forEach(peer -> peer.listenAnew(now));
    }

    void stop(long nowNanos) {
        now = nowNanos;
        stopping = true;
        for (PartitionReplica replica : replicas.values()) {
            guard(replica, PartitionReplica::onStopping);
        }
    }

    boolean isDrained() {
        return forwarding.size() == 0
                && replicas.values().stream().allMatch(PartitionReplica::isDrained);
    }

    void forEachReplica(Consumer<PartitionReplica> action) {
        replicas.values().forEach(action);
    }

    // ---- failures ----

    private void guard(PartitionReplica replica, Consumer<PartitionReplica> input) {
        try {
            input.accept(replica);
        } catch (RuntimeException e) {
            onFailure(replica, e);
        }
    }

    /// The edge of the partition: what cannot be answered for stops it, alone if it can be.
    private void onFailure(PartitionReplica replica, RuntimeException failure) {
        if (failure instanceof StorageException storage
                && storage.kind() != StorageException.Kind.DAMAGED) {
            onStorageFailed(storage, now);
            return;
        }
        record(new EngineEvent.Violation(replica.id(), failure));
        replica.halt(String.valueOf(failure.getMessage()), Cause.PARTITION_STOPPED);
    }

    private void refuse(NodeId from, String message, String reason) {
        record(new EngineEvent.MessageRefused(null, from, message, reason));
    }

    // ---- forwarding ----

    private void onForward(Run sender, NodeMessage.ExecuteForward forward) {
        long requestId = forward.requestId();
        if (!peer(sender.node()).isNewForward(requestId)) {
            refuse(sender.node(), "ExecuteForward", "a copy of request " + requestId);
            return;
        }
        NodeId back = sender.node();
        ExecuteTransaction request =
                new ExecuteTransaction(
                        forward.partition(),
                        forward.transaction(),
                        forward.conditions(),
                        now + forward.remainingNanos(),
                        forward.hops(),
                        forward.tried(),
                        result ->
                                send(
                                        back,
                                        Lane.CONTROL,
                                        new NodeMessage.ExecuteAnswer(requestId, result)));
        onExecute(request, now);
    }

    private void onForwardAnswered(Run sender, NodeMessage.ExecuteAnswer answer) {
        Forwarding.Sent sent = forwarding.take(answer.requestId());
        if (sent == null || !sent.to().equals(sender.node())) {
            return;
        }
        ExecuteTransaction request = sent.request();
        if (answer.result() instanceof AppendResult.NotCoordinator not
                && not.coordinator() != null
                && !not.coordinator().equals(sender.node())
                && !not.tried().contains(not.coordinator())
                && request.hops() < settings.limits().hopsMax()) {
            ExecuteTransaction again = request.hopped(sender.node(), request::answer);
            if (not.coordinator().equals(self)) {
                onExecute(again, now);
            } else {
                forward(again, not.coordinator());
            }
            return;
        }
        request.answer(answer.result());
    }

    private void onForwardDropped(long requestId) {
        Forwarding.Sent sent = forwarding.take(requestId);
        if (sent != null) {
            ExecuteTransaction request = sent.request();
            request.answer(
                    new AppendResult.NotCoordinator(
                            request.partition(), sent.to(), 0, request.tried()));
        }
    }

    @Override
    public void forward(ExecuteTransaction request, NodeId to) {
        if (forwarding.size() >= settings.limits().forwardedMax()) {
            request.answer(
                    new AppendResult.Overloaded(
                            request.partition(), "forwardedMax", settings.timings().resendNanos()));
            return;
        }
        record(new EngineEvent.Forwarded(request.partition(), to, request.hops()));
        send(to, Lane.REPLICATION, forwarding.add(request, to, now));
    }

    // ---- what replicas need ----

    @Override
    public ShardSettings settings() {
        return settings;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public long clientBytesFree() {
        return bucket.clientBytesFree();
    }

    @Override
    public long syncs() {
        return syncs;
    }

    @Override
    public boolean stopping() {
        return stopping;
    }

    @Override
    public void send(NodeId to, Lane lane, Message message) {
        peer(to).send(lane, message);
    }

    @Override
    public void tellAlong(NodeId to, PartitionReplica replica) {
        peer(to).tellAlong(replica);
    }

    @Override
    public void touch(PartitionReplica replica) {
        touched.add(replica);
    }

    @Override
    public void dirty(PartitionReplica replica) {
        dirty.add(replica);
    }

    @Override
    public void wakeAt(PartitionReplica replica, long nanos) {
        wakes.add(replica, nanos);
    }

    @Override
    public void digestChanged(PartitionReplica replica) {
        for (Peer peer : peers.values()) {
            peer.tell(replica);
        }
    }

    @Override
    public void moved(PartitionReplica replica) {
        if (!peers.isEmpty()) {
            moved.add(replica.id());
        }
    }

    @Override
    public void page(PartitionReplica replica, Run asker, PartitionSyncRequest request) {
        pages.removeIf(page -> page.replica() == replica && page.asker().equals(asker));
        pages.add(new Page(replica, asker, request));
    }

    @Override
    public void published(PartitionId partition, Published state) {
        ports.published(partition, state);
    }

    @Override
    public void record(EngineEvent event) {
        ports.record(event);
    }

    @Override
    public boolean isHeard(NodeId node) {
        Peer peer = peers.get(node);
        return node.equals(self) || (peer != null && peer.isHeard());
    }

    @Override
    public boolean isInContact(NodeId node) {
        Peer peer = peers.get(node);
        return node.equals(self) || (peer != null && peer.isInContact());
    }

    @Override
    public boolean isConnected(NodeId node) {
        Peer peer = peers.get(node);
        return peer != null && peer.isConnected();
    }

    @Override
    public boolean claimsKnown(NodeId node) {
        Peer peer = peers.get(node);
        return peer == null || peer.claimsKnown(now);
    }

    @Override
    public @Nullable Run runOf(NodeId node) {
        if (node.equals(self)) {
            return settings.self();
        }
        Peer peer = peers.get(node);
        return peer == null ? null : peer.run();
    }
}
