package io.ridgeline.engine.replica;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.AppendResult.Indeterminate.Cause;
import io.ridgeline.engine.CommandResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.ReadIndexRequest;
import io.ridgeline.engine.ReadIndexResult;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.EpochStart;
import io.ridgeline.engine.membership.EpochStart.Reason;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EntryKind;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A replica that orders the writes of its partition.
///
/// Begins with the epoch-start entry; once that is confirmed, so is all before it, and only then is
/// anything answered. Writes are decided by event ids first, then by conditions, against heads that
/// include unconfirmed entries, so it runs ahead; it counts like any replica, once its own sync is
/// done.
///
/// Invariants, checked after every input: the watermark is an entry of this epoch or one that it
/// confirmed with it, and never moves back; a write is answered only at or below the watermark, in
/// log order.
///
/// Ends as a replica once a higher epoch is heard, or halts.
final class Coordinating extends RoleState {
    private final long epoch;
    private final Reason reason;
    private final @Nullable Configuration first;
    private final boolean resumes;
    private final WriteQueue queue = new WriteQueue();
    private final Waiting waiting;
    private final Replication replication;
    private final Rounds rounds;
    private final Ordering ordering;
    private final Changes changes;
    private final Transfer transfer;
    private final HandBack handBack;
    private long epochStart;
    private long inherited;
    private boolean confirmed;
    private boolean available = true;
    private boolean claims = true;
    private long claimEndsAt = Long.MAX_VALUE;

    private Coordinating(
            PartitionReplica replica,
            Reason reason,
            @Nullable Configuration first,
            boolean resumes) {
        super(replica);
        this.epoch = replica.promised();
        this.reason = reason;
        this.first = first;
        this.resumes = resumes;
        this.waiting = new Waiting(replica);
        this.replication = new Replication(replica);
        this.rounds = new Rounds(replica, replication);
        this.ordering = new Ordering(replica, epoch, queue, waiting, rounds, replication);
        this.changes = new Changes(replica, this);
        this.transfer = new Transfer(replica);
        this.handBack = new HandBack(replica, replication, transfer);
    }

    /// @param first the first configuration of an empty log; null otherwise
    static Coordinating beginning(
            PartitionReplica replica, Reason reason, @Nullable Configuration first) {
        return new Coordinating(replica, reason, first, false);
    }

    /// For an engine that resumes its reign after a restart, which ours never does.
    static Coordinating resuming(PartitionReplica replica) {
        return new Coordinating(replica, Reason.TAKEOVER, null, true);
    }

    @Override
    Role role() {
        return Role.COORDINATING;
    }

    @Override
    Phase phase() {
        return claims ? Phase.COORDINATING : Phase.NONE;
    }

    @Override
    void begin() {
        inherited = replica.log.lastIndex() - replica.log.watermark().index();
        if (resumes) {
            epochStart = replica.log.lastIndex();
        } else {
            try {
                if (first != null) {
                    appendOwn(EntryKind.CONFIGURATION, first.encode());
                }
                Run self = replica.host.settings().self();
                epochStart =
                        appendOwn(EntryKind.EPOCH_START, new EpochStart(self, reason).encode());
            } catch (StorageException e) {
                if (e.kind() != StorageException.Kind.FULL) {
                    throw e;
                }
                replica.host.record(
                        new EngineEvent.TakeoverFailed(replica.id, epoch, "disk is full"));
                replica.become(new Following(replica, 1));
                return;
            }
        }
        onContactChanged();
    }

    /// Appends an entry that is no client's.
    ///
    /// @return its index
    long appendOwn(EntryKind kind, ByteBuffer payload) {
        LogPosition position = new LogPosition(replica.log.lastIndex() + 1, epoch);
        Entry entry = Entry.of(replica.id, position, kind, payload);
        replica.log.append(entry);
        replication.add(entry);
        replication.readMembers(position.index());
        replica.touch();
        return position.index();
    }

    // ---- writes ----

    @Override
    void onExecute(ExecuteTransaction request) {
        if (transfer.isActive()) {
            if (transfer.isFull()) {
                ordering.overloaded(request, "waitingMax");
            } else {
                transfer.hold(request);
                replica.wakeBy(request.deadlineNanos());
            }
            return;
        }
        if (replica.host.stopping()) {
            request.answer(new AppendResult.Stopping(replica.id));
            return;
        }
        try {
            ordering.decide(request, available);
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            // What it would be decided against cannot be read; it was not ordered.
            replica.repair.search();
            handOver();
            request.answer(new AppendResult.Stopped(replica.id, "damage is being repaired"));
        }
    }

    // ---- reads ----

    @Override
    void onReadIndex(ReadIndexRequest request) {
        if (!available) {
            request.reply()
                    .accept(
                            new ReadIndexResult.QuorumUnavailable(
                                    replica.id, replica.reach.needed(), replica.reach.reachable()));
        } else if (waiting.isFull()) {
            request.reply()
                    .accept(
                            new ReadIndexResult.Overloaded(
                                    replica.id,
                                    "waitingMax",
                                    replica.host.settings().timings().resendNanos()));
        } else {
            long restsOn = replica.rules.holds(Rule.READ_AFTER_EPOCH_START) ? epochStart : 0;
            waiting.add(request, restsOn, rounds.join());
            replication.confirmNow();
            replica.touch();
        }
    }

    // ---- replicas ----

    @Override
    void onAnswer(Run sender, PartitionMessage message) {
        Progress progress = replication.of(sender.node());
        if (progress == null) {
            return;
        }
        switch (message) {
            case ReplicateWriteAck ack -> {
                if (replication.onAck(sender, ack)) {
                    advance();
                    transfer.onProgress(progress);
                    handBack.review();
                    replica.touch();
                }
                changes.readmit(progress);
            }
            case ReplicateRefusal refusal -> replication.onRefusal(sender, refusal);
            case RoundAnswer(var header, long round) -> {
                replication.identify(progress, header.storageId());
                progress.round = Math.max(progress.round, round);
                countRounds();
            }
            default -> {
                // Of this node's candidacy: a promise that came after T others.
            }
        }
    }

    /// Raises the watermark to what enough disks hold, if it is of this epoch (Raft, section
    /// 5.4.2).
    private void advance() {
        long index = replica.log.memberships().confirmedIndex(this::durable);
        boolean current = index >= epochStart || !replica.rules.holds(Rule.COUNT_CURRENT_EPOCH);
        if (index > replica.log.watermark().index() && current) {
            replica.log.confirm(index);
        }
    }

    private long durable(NodeId node, UUID storageId) {
        if (!node.equals(replica.self)) {
            return replication.durable(node, storageId);
        }
        boolean counts =
                storageId.equals(replica.log.storageId())
                        || !replica.rules.holds(Rule.COUNT_NAMED_STORAGE);
        boolean synced = replica.rules.holds(Rule.OWN_SYNC_FIRST);
        return !counts ? -1 : synced ? replica.log.durableIndex() : replica.log.lastIndex();
    }

    @Override
    void onConfirmed() {
        long watermark = replica.log.watermark().index();
        boolean inOrder = replica.rules.holds(Rule.ANSWER_IN_ORDER);
        while (queue.firstIndex() <= watermark) {
            ExecuteTransaction request =
                    inOrder || queue.lastIndex() > watermark ? queue.take() : queue.takeLast();
            if (request != null) {
                request.answer(Answers.appended(replica, request));
            }
        }
        if (!confirmed && watermark >= epochStart) {
            confirmed = true;
            replica.host.record(
                    new EngineEvent.EpochConfirmed(replica.id, epoch, epochStart, inherited));
            checkConfiguration();
            handBack.begin(reason);
        }
        changes.onConfirmed(watermark);
        waiting.release(watermark, rounds.answered());
        if (!transfer.isActive()) {
            for (Progress progress : replication.all()) {
                changes.readmit(progress);
            }
        }
        changes.repeatConfirmed();
        replica.touch();
    }

    /// The log decides; who configured something else is told so.
    private void checkConfiguration() {
        Configuration logged = replica.log.memberships().latest();
        var configured = replica.host.settings().quorum().quorum(logged.members().size());
        if (!configured.equals(logged.quorum())) {
            replica.host.record(
                    new EngineEvent.ConfigurationDiffers(
                            replica.id, configured.toString(), logged.quorum().toString()));
        }
    }

    /// {@return whether the epoch start is confirmed}
    boolean isConfirmed() {
        return confirmed;
    }

    private void countRounds() {
        if (rounds.count()) {
            waiting.release(replica.log.watermark().index(), rounds.answered());
        }
    }

    void onPageServed(NodeId node, long previousIndex, int entries) {
        replication.onPageServed(node, previousIndex, entries);
    }

    void onNewContact(NodeId node) {
        replication.onNewContact(node);
    }

    // ---- contact ----

    @Override
    void onContactChanged() {
        boolean now = replica.reach.isQuorum();
        if (now != available) {
            available = now;
            replica.host.record(new EngineEvent.QuorumChanged(replica.id, epoch, now));
            if (now) {
                claimEndsAt = Long.MAX_VALUE;
                setClaim(true);
            } else {
                claimEndsAt =
                        replica.host.now() + replica.host.settings().timings().detectorNanos();
                replica.wakeBy(claimEndsAt);
            }
        }
        handBack.review();
    }

    private void setClaim(boolean value) {
        if (claims != value) {
            claims = value;
            replica.host.digestChanged(replica);
        }
    }

    // ---- time ----

    @Override
    void onDurable() {
        advance();
        replica.touch();
    }

    @Override
    void onTimer(long nowNanos) {
        if (nowNanos >= claimEndsAt) {
            // Heard, but cannot hear: nobody else would dare to take over (H4).
            claimEndsAt = Long.MAX_VALUE;
            setClaim(!replica.rules.holds(Rule.CLAIM_NEEDS_CONTACT));
        } else if (claimEndsAt != Long.MAX_VALUE) {
            replica.wakeBy(claimEndsAt);
        }
        expire(nowNanos);
        waiting.onTimer(nowNanos);
        replication.onTimer(nowNanos);
        if (!waiting.isEmpty()) {
            rounds.onTimer(nowNanos);
        }
        handBack.onTimer(nowNanos);
        transfer.onTimer(nowNanos).forEach(this::onExecute);
    }

    private void expire(long nowNanos) {
        while (true) {
            ExecuteTransaction request = queue.expire(nowNanos);
            if (request == null) {
                break;
            }
            request.answer(new AppendResult.Indeterminate(replica.id, Cause.TIMEOUT));
        }
        if (queue.earliestDeadline() != Long.MAX_VALUE) {
            replica.wakeBy(queue.earliestDeadline());
        }
    }

    @Override
    void endTurn() {
        rounds.endTurn();
        countRounds();
        replication.endTurn();
        replica.host.moved(replica);
    }

    @Override
    void tellWatermark(NodeId node) {
        replication.tellAlong(node);
    }

    // ---- commands ----

    @Override
    void onCommand(AdminCommand command) {
        switch (command) {
            case AdminCommand.TransferCoordinator transferCommand -> onTransfer(transferCommand);
            case AdminCommand.ChangeQuorum change -> changes.onQuorum(change);
            case AdminCommand.SkipEvent skip -> changes.onSkip(skip);
        }
    }

    private void onTransfer(AdminCommand.TransferCoordinator command) {
        if (command.target().equals(replica.self)) {
            command.reply().accept(new CommandResult.Done());
        } else if (replica.log.memberships().latest().storageId(command.target()) == null) {
            command.reply().accept(new CommandResult.Refused(command.target() + " is no replica"));
        } else if (transfer.isActive()) {
            command.reply().accept(new CommandResult.Refused("another transfer is under way"));
        } else {
            transfer.start(command.target(), command.forced(), true, command.reply());
            transfer.onProgress(replication.of(command.target()));
        }
    }

    /// Gives the partition to the oldest level replica, if there is one.
    void handOver() {
        handBack.handOver();
    }

    @Override
    void onStopping() {
        handOver();
    }

    // ---- the end ----

    int pending() {
        return queue.size();
    }

    @Nullable Progress progress(NodeId node) {
        return replication.of(node);
    }

    @Override
    boolean isDrained() {
        return queue.size() == 0 && waiting.isEmpty() && !transfer.isActive();
    }

    @Override
    void onDeposed(@Nullable NodeId successor) {
        if (replica.rules.holds(Rule.ORDERED_NEVER_REFUSED)) {
            replica.fates.addAll(queue, epoch);
        } else {
            refuseAll();
        }
        waiting.end(Cause.DEPOSED);
        changes.end("deposed");
        transfer.end(successor);
        for (ExecuteTransaction request : transfer.takeHeld()) {
            if (replica.role() instanceof Following following) {
                following.hold(request);
            }
        }
    }

    private void refuseAll() {
        while (queue.size() > 0) {
            ExecuteTransaction request = queue.take();
            if (request != null) {
                request.answer(
                        new AppendResult.NotCoordinator(replica.id, null, epoch, request.tried()));
            }
        }
    }

    @Override
    void onHalted(Cause cause) {
        while (queue.size() > 0) {
            ExecuteTransaction request = queue.take();
            if (request != null) {
                request.answer(new AppendResult.Indeterminate(replica.id, cause));
            }
        }
        waiting.end(cause);
        changes.end("stopped");
        transfer.end(null);
        for (ExecuteTransaction request : transfer.takeHeld()) {
            request.answer(new AppendResult.Stopped(replica.id, cause.name()));
        }
    }
}
