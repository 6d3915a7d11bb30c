package io.ridgeline.engine.replica;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.PartitionStatus;
import io.ridgeline.engine.ProtocolViolation;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.message.Header;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.Superseded;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.transport.Lane;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One partition's replica on this node: the log with what is promised and confirmed
/// ([ReplicaLog]), and the role that it plays.
///
/// Not thread-safe on purpose: one thread at a time owns the shard. Takes inputs in any order,
/// checks what every message must fulfil, and hands it to the role.
///
/// Invariants: the promised epoch never falls; the watermark never falls, and nothing at or below
/// it is dropped; at most one role at a time, and one coordinating run per epoch.
public final class PartitionReplica {
    final PartitionId id;
    final Host host;
    final Rules rules;
    final NodeId self;
    final ReplicaLog log;
    final Claims claims = new Claims();
    final Fates fates;
    final SessionReads sessions;
    final Repair repair;
    final Reach reach;

    /// As assigned, before the log has a configuration.
    final List<NodeId> assigned;

    private final Promises promises;
    private RoleState role;
    private @Nullable Run coordinatorRun;
    private long coordinatorEpoch;
    private long heardEpoch;
    private boolean touched;
    private boolean publishDue;
    private @Nullable Published lastPublished;

    /// How long the next hand-back to an older replica waits; doubles on flapping.
    long handBackNanos;

    private long wakeAt = Long.MAX_VALUE;

    /// Opens the replica; [#start] makes it act.
    public PartitionReplica(PartitionId id, List<NodeId> assigned, PartitionLog log, Host host) {
        this.id = id;
        this.assigned = assigned;
        this.host = host;
        this.rules = host.settings().rules();
        this.self = host.settings().self().node();
        this.log = new ReplicaLog(this, log);
        this.fates = new Fates(this);
        this.sessions = new SessionReads(this);
        this.promises = new Promises(this);
        this.repair = new Repair(this);
        this.reach = new Reach(this);
        this.role = new Halted(this, "not started");
        this.heardEpoch = this.log.promised();
        this.handBackNanos = host.settings().timings().transferHoldNanos();
    }

    /// Begins as a replica, whatever it was before (protocol review, C6).
    public void start() {
        repair.start(log.condition());
        log.settleHardState();
        if (log.condition() instanceof Condition.Blank
                && log.lastIndex() == 0
                && log.promised() > 0) {
            // An empty log with a promise would say that it stood in the first configuration.
            log.format();
        }
        if (!rules.holds(Rule.EPOCH_ENDS_WITH_RUN) && log.mayResume()) {
            become(Coordinating.resuming(this));
        } else {
            become(new Following(this));
        }
    }

    // ---- inputs ----

    /// A message about this partition.
    public void onMessage(Run sender, PartitionMessage message) {
        int history = message.header().history();
        if (history != log.history() && rules.holds(Rule.HISTORY_CHECKED)) {
            onOtherHistory(sender, message, history);
            return;
        }
        switch (message) {
            case PartitionSyncResponse page when page.purpose() == Purpose.REPAIR ->
                    repair.onPage(sender, page);
            case PartitionSyncResponse page when page.purpose() == Purpose.LEARN -> {
                if (role instanceof Following following) {
                    following.onLesson(sender, page);
                }
            }
            case PartitionMessage.ReplicateWrite _,
                    PartitionMessage.ConfirmTransaction _,
                    PartitionMessage.RoundRequest _,
                    PartitionMessage.MemoryLost _,
                    PartitionMessage.TransferConsent _ -> {
                if (acceptsCoordinator(sender, message)) {
                    role.onCoordinator(sender, message);
                }
            }
            case PartitionMessage.ReplicateWriteAck _,
                    PartitionMessage.ReplicateRefusal _,
                    PartitionMessage.RoundAnswer _,
                    PartitionMessage.TakeoverPromise _,
                    PartitionSyncResponse _ -> {
                hear(message.epoch());
                if (message.epoch() == log.promised() || !rules.holds(Rule.ACK_EPOCH_CHECKED)) {
                    role.onAnswer(sender, message);
                }
            }
            case PartitionSyncRequest request -> {
                if (request.purpose() != Purpose.LEARN) {
                    hear(request.epoch());
                }
                host.page(this, sender, request);
            }
            case Superseded _, PartitionMessage.TakeoverRefusal _ -> {
                hear(message.epoch());
                role.onAnswer(sender, message);
            }
            case PartitionMessage.PollRequest request -> {
                hear(request.epoch());
                promises.onPoll(sender, request);
            }
            case PartitionMessage.PollAnswer _, PartitionMessage.TurnPassed _ -> {
                hear(message.epoch());
                role.onAnswer(sender, message);
            }
            case PartitionMessage.TakeoverRequest request -> promises.onRequest(sender, request);
        }
    }

    private void onOtherHistory(Run sender, PartitionMessage message, int history) {
        refuse(sender.node(), message, "history " + history + ", ours is " + log.history());
        if (history > log.history()) {
            // A last-resort repair left this replica behind: it must be rebuilt.
            halt(
                    "history " + history + " exists, this replica is of " + log.history(),
                    AppendResult.Indeterminate.Cause.PARTITION_STOPPED);
        } else if (!(message instanceof Superseded)) {
            send(sender.node(), Lane.CONTROL, new Superseded(header(), message.epoch()));
        }
    }

    /// Checks epoch and run of a message that only a coordinator sends, once for all handlers.
    private boolean acceptsCoordinator(Run sender, PartitionMessage message) {
        long epoch = message.epoch();
        if (epoch < log.promised() && rules.holds(Rule.EPOCH_CHECKED)) {
            // Silence would leave a deposed coordinator's clients waiting for their timeouts.
            send(sender.node(), Lane.CONTROL, new Superseded(header(), epoch));
            return false;
        }
        if (role instanceof Halted) {
            return false;
        }
        if (epoch - log.promised() > host.settings().limits().epochStepMax()) {
            refuse(sender.node(), message, "epoch far above " + log.promised());
            return false;
        }
        if (epoch > log.promised()) {
            // Accepted, whoever the promise went to and whatever the detector says (H3).
            depose(epoch, null);
            log.raise(epoch, sender);
        } else if (epoch == log.promised()) {
            if (coordinatorEpoch == epoch
                    && coordinatorRun != null
                    && !coordinatorRun.equals(sender)
                    && rules.holds(Rule.ONE_RUN_PER_EPOCH)) {
                refuse(sender.node(), message, "epoch " + epoch + " is of " + coordinatorRun);
                return false;
            }
            if (!rules.holds(Rule.ACCEPT_ANY_WINNER) && !log.promisedTo().equals(sender)) {
                return false;
            }
            if (role instanceof TakingOver) {
                // Another candidate won the epoch that we wanted, too.
                depose(epoch, null);
            }
        }
        if (coordinatorEpoch != epoch || coordinatorRun == null) {
            coordinatorRun = sender;
            coordinatorEpoch = epoch;
            publish();
        }
        implied(sender.node(), epoch, Phase.COORDINATING);
        return true;
    }

    /// A message shows that a node leads; true for a while, unless its digest says so, too.
    void implied(NodeId node, long epoch, Phase phase) {
        long until = host.now() + host.settings().timings().takeoverNanos();
        if (claims.imply(node, epoch, phase, until)) {
            wakeBy(until);
        }
    }

    /// A digest entry of a peer.
    ///
    /// @param toUs whether the peer knew this run when it said so, and so will repeat every change
    ///   until this run has heard it; otherwise its claim may have been taken back already
    public void onDigest(Run sender, DigestEntry entry, boolean toUs) {
        if (entry.history() != log.history()) {
            return;
        }
        if (toUs || entry.phase() == Phase.NONE) {
            claims.say(sender.node(), entry.epoch(), entry.phase());
        } else {
            implied(sender.node(), entry.epoch(), entry.phase());
        }
        if (entry.phase() == Phase.COORDINATING) {
            hear(entry.epoch());
            if (entry.epoch() == log.promised() && coordinatorEpoch < entry.epoch()) {
                coordinatorRun = sender;
                coordinatorEpoch = entry.epoch();
                publish();
            }
            if (role instanceof Following following) {
                following.onDigest(sender, entry);
            }
        }
        role.onContactChanged();
    }

    /// A peer has a new run: what the old one claimed is void.
    public void onNewRun(NodeId node) {
        claims.forget(node);
        if (role instanceof Coordinating coordinating) {
            coordinating.onNewContact(node);
        }
    }

    /// A connection exists again; what was under way is lost.
    public void onConnected(NodeId node) {
        if (role instanceof Coordinating coordinating) {
            coordinating.onNewContact(node);
        }
    }

    /// The own disk is slow: a coordinator hands over (H13).
    public void onSlowDisk() {
        if (role instanceof Coordinating coordinating) {
            coordinating.handOver();
        }
    }

    /// Nodes are heard or silent.
    public void onContactChanged() {
        role.onContactChanged();
    }

    /// A client's append.
    public void onExecute(ExecuteTransaction request) {
        role.onExecute(request);
    }

    /// A read that wants to know how far it may go.
    public void onReadIndex(ReadIndexRequest request) {
        if (request.level() instanceof ReadIndexRequest.Level.Session session
                && !(role instanceof Halted)) {
            sessions.add(request, session);
        } else {
            role.onReadIndex(request);
        }
    }

    /// An operator's command.
    public void onCommand(AdminCommand command) {
        role.onCommand(command);
    }

    /// The bucket's sync succeeded.
    ///
    /// @param whole whether nothing was handed to the bucket since it began
    public void onDurable(boolean whole) {
        if (role instanceof Halted) {
            return;
        }
        log.onDurable(whole);
        role.onDurable();
    }

    /// The time that was asked for has come.
    public void onTimer(long nowNanos) {
        wakeAt = Long.MAX_VALUE;
        fates.onTimer(nowNanos);
        sessions.onTimer(nowNanos);
        repair.onTimer(nowNanos);
        role.onTimer(nowNanos);
    }

    /// Sends what was gathered.
    public void endTurn() {
        touched = false;
        role.endTurn();
        if (publishDue) {
            publishDue = false;
            Published state = state();
            if (!state.equals(lastPublished)) {
                lastPublished = state;
                host.published(id, state);
            }
        }
    }

    /// Tells a node how far this log is confirmed, if it may not know: others' writes go there.
    public void tellWatermark(NodeId node) {
        role.tellWatermark(node);
    }

    /// Serves a page that was asked for; its turn has come.
    ///
    /// @return how many bytes of entries it holds
    public int servePage(Run asker, PartitionSyncRequest request) {
        if (role instanceof Halted) {
            return 0;
        }
        return Pages.serve(this, asker, request);
    }

    /// The node shuts down.
    public void onStopping() {
        role.onStopping();
    }

    /// The partition stops, for good or until the process starts anew.
    public void halt(String reason, AppendResult.Indeterminate.Cause cause) {
        if (role instanceof Halted) {
            return;
        }
        role.onHalted(cause);
        fates.onHalted(cause);
        sessions.onHalted();
        become(new Halted(this, reason));
    }

    // ---- what roles use ----

    /// Takes another role.
    void become(RoleState next) {
        RoleState left = role;
        role = next;
        left.onLeft();
        Role now = next.role();
        host.digestChanged(this);
        publish();
        host.record(new EngineEvent.RoleChanged(id, log.promised(), now, coordinator()));
        next.begin();
        touch();
    }

    RoleState role() {
        return role;
    }

    /// Becomes a replica if an epoch is above that of the present reign or candidacy.
    void hear(long epoch) {
        heardEpoch = Math.max(heardEpoch, epoch);
        if (epoch > log.promised() && rules.holds(Rule.STEP_DOWN)) {
            depose(epoch, null);
        }
    }

    /// {@return the highest epoch that was heard}
    long heardEpoch() {
        return heardEpoch;
    }

    /// Ends a reign or candidacy because of another epoch.
    void depose(long byEpoch, @Nullable NodeId successor) {
        heardEpoch = Math.max(heardEpoch, byEpoch);
        if (role instanceof Coordinating || role instanceof TakingOver) {
            RoleState deposed = role;
            int pending = deposed instanceof Coordinating coordinating ? coordinating.pending() : 0;
            host.record(new EngineEvent.Deposed(id, log.promised(), byEpoch, pending));
            int failures = deposed instanceof TakingOver candidate ? candidate.failures() : 0;
            become(new Following(this, failures));
            deposed.onDeposed(successor);
        }
    }

    /// Who coordinates, as far as is known.
    @Nullable NodeId coordinator() {
        if (role instanceof Coordinating) {
            return self;
        }
        if (coordinatorRun != null && coordinatorEpoch >= log.promised()) {
            return coordinatorRun.node();
        }
        @Nullable NodeId best = null;
        long epoch = log.promised();
        for (var claim : claims.all().entrySet()) {
            if (claim.getValue().phase() == Phase.COORDINATING
                    && claim.getValue().epoch() >= epoch) {
                best = claim.getKey();
                epoch = claim.getValue().epoch();
            }
        }
        return best;
    }

    @Nullable Run coordinatorRun() {
        return coordinatorEpoch == log.promised() ? coordinatorRun : null;
    }

    /// Whether somebody who is heard claims to coordinate, or to take over, in an epoch that this
    /// replica would accept.
    boolean isLed() {
        return isLed(host::isHeard);
    }

    /// The same for those who are in reach in some sense.
    boolean isLed(Predicate<NodeId> inReach) {
        long now = host.now();
        for (var each : claims.all().entrySet()) {
            Claims.Claim claim = each.getValue();
            if (claim.epoch() >= log.promised()
                    && claim.phase() != Phase.NONE
                    && claim.untilNanos() > now
                    && (claim.phase() == Phase.COORDINATING || rules.holds(Rule.RESPECT_CANDIDATE))
                    && inReach.test(each.getKey())) {
                return true;
            }
        }
        return role.phase() != Phase.NONE;
    }

    /// All nodes that may hold the partition, this one included.
    Iterable<NodeId> members() {
        return log.memberships().isEmpty() ? assigned : log.memberships().nodes();
    }

    /// Calls for each node that may hold the partition.
    public void forEachMember(Consumer<NodeId> action) {
        members().forEach(action);
    }

    boolean claimsKnown() {
        for (NodeId member : members()) {
            if (!member.equals(self) && !host.claimsKnown(member)) {
                return false;
            }
        }
        return true;
    }

    /// Sends a client's request to whoever coordinates, or refuses it.
    void sendOn(ExecuteTransaction request) {
        @Nullable NodeId to = coordinator();
        boolean loops =
                to == null
                        || to.equals(self)
                        || request.tried().contains(to)
                        || request.hops() >= host.settings().limits().hopsMax()
                        || !host.isHeard(to);
        if (host.stopping()) {
            request.answer(new AppendResult.Stopping(id));
        } else if (loops || to == null) {
            reach.refuse(request);
        } else {
            host.forward(request, to);
        }
    }

    long promised() {
        return log.promised();
    }

    /// A header in the promised epoch.
    Header header() {
        return header(log.promised());
    }

    Header header(long epoch) {
        return new Header(id, log.history(), epoch, log.storageId());
    }

    void send(NodeId to, Lane lane, Message message) {
        host.send(to, lane, message);
    }

    void refuse(NodeId from, PartitionMessage message, String reason) {
        host.record(
                new EngineEvent.MessageRefused(
                        id, from, message.getClass().getSimpleName(), reason));
    }

    ProtocolViolation violation(String found) {
        return new ProtocolViolation(
                "partition " + id + ", epoch " + log.promised() + ", node " + self + ": " + found);
    }

    void touch() {
        if (!touched) {
            touched = true;
            host.touch(this);
        }
    }

    void publish() {
        publishDue = true;
        touch();
    }

    void wakeBy(long nanos) {
        if (nanos < wakeAt) {
            wakeAt = nanos;
            host.wakeAt(this, nanos);
        }
    }

    /// The watermark moved.
    void onConfirmed() {
        publish();
        role.onConfirmed();
        fates.onConfirmed();
        sessions.onConfirmed();
    }

    // ---- what the shard asks ----

    /// {@return the partition}
    public PartitionId id() {
        return id;
    }

    /// {@return when [#onTimer] is due}
    public long wakeAt() {
        return wakeAt;
    }

    /// {@return whether nothing is left to be answered or handed over}
    public boolean isDrained() {
        return role.isDrained() && fates.isEmpty();
    }

    /// {@return what the role is}
    public Role roleKind() {
        return role.role();
    }

    /// {@return what this node says of itself in heartbeats}
    public DigestEntry digest() {
        return new DigestEntry(
                id, log.history(), log.promised(), role.phase(), log.last(), log.watermark());
    }

    /// {@return whether it coordinates}
    public boolean isCoordinating() {
        return role instanceof Coordinating;
    }

    private Published state() {
        LogPosition readable =
                rules.holds(Rule.PUBLISH_CONFIRMED_ONLY) ? log.watermark() : log.last();
        long sequence =
                rules.holds(Rule.PUBLISH_CONFIRMED_ONLY)
                        ? log.confirmedSequence()
                        : log.nextSequence() - 1;
        return new Published(
                coordinator(),
                Math.max(log.promised(), coordinatorEpoch),
                log.history(),
                readable,
                sequence,
                role.role(),
                repair.isWhole());
    }

    /// {@return what operators may know}
    public PartitionStatus status() {
        return StatusReport.of(this);
    }
}
