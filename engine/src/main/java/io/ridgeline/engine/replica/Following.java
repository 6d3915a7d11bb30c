package io.ridgeline.engine.replica;

import io.ridgeline.engine.AdminCommand;
import io.ridgeline.engine.CommandResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.ExecuteTransaction;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.membership.EpochStart.Reason;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.MemoryLost;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.engine.message.PartitionMessage.RoundRequest;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TransferConsent;
import io.ridgeline.engine.message.PartitionMessage.TurnPassed;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.engine.replica.ReplicaLog.Applied;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A replica that takes what a coordinator sends, and promises epochs.
///
/// Invariants: an ack says min(durable, matched), where matched is the highest index that messages
/// of this epoch's coordinator have shown to be equal; nothing buffered is acknowledged; a promise
/// is answered once it and all that was appended before it are durable.
///
/// Ends when it takes over, or halts.
final class Following extends RoleState {
    private final PartitionWriteBuffer buffer;
    private final CatchUp catchUp;
    private final Suspicion suspicion;
    private final Learning learning;
    private final Queue<ExecuteTransaction> held = new ArrayDeque<>();
    private boolean votes;
    private long matched;
    private long matchedEpoch;
    private @Nullable NodeId ackTo;

    /// Whether a sync has succeeded since the last ack, so that there is something new to say.
    private boolean synced;

    private @Nullable Run owedTo;

    Following(PartitionReplica replica) {
        this(replica, 0);
    }

    /// @param attempts failed takeovers since somebody led
    Following(PartitionReplica replica, int attempts) {
        super(replica);
        buffer = new PartitionWriteBuffer(replica.host.settings().limits());
        catchUp = new CatchUp(replica, Purpose.FOLLOW);
        suspicion = new Suspicion(replica, attempts);
        learning = new Learning(replica);
    }

    @Override
    Role role() {
        return Role.FOLLOWING;
    }

    @Override
    Phase phase() {
        return Phase.NONE;
    }

    @Override
    void begin() {
        votes = replica.log.votes();
        matchedEpoch = replica.promised();
        review();
    }

    private void review() {
        suspicion.review();
        learning.review();
    }

    // ---- the coordinator ----

    @Override
    void onCoordinator(Run sender, PartitionMessage message) {
        if (message.epoch() != matchedEpoch) {
            onNewEpoch(message.epoch());
        }
        review();
        switch (message) {
            case ReplicateWrite write -> {
                releaseHeld(sender.node());
                onWrite(sender, write);
                drain(sender);
            }
            case ConfirmTransaction(_, LogPosition watermark) ->
                    replica.log.takeWatermark(watermark);
            case RoundRequest(_, long round) ->
                    replica.send(
                            sender.node(), Lane.CONTROL, new RoundAnswer(replica.header(), round));
            case TransferConsent(_, boolean placed) -> onConsent(placed);
            case MemoryLost(_, long acknowledged) -> onMemoryLost(sender, acknowledged);
            default -> throw replica.violation("not of a coordinator: " + message);
        }
        watchVote();
    }

    private void onNewEpoch(long epoch) {
        if (replica.rules.holds(Rule.MATCHED_PER_EPOCH)) {
            matched = 0;
        }
        matchedEpoch = epoch;
        owedTo = null;
        ackTo = null;
        catchUp.end();
        if (replica.rules.holds(Rule.BUFFER_ENDS_WITH_EPOCH) && !buffer.isEmpty()) {
            dropBuffer(buffer.clear(), "epoch rose");
        }
    }

    private void dropBuffer(int writes, String reason) {
        if (writes > 0) {
            replica.host.record(new EngineEvent.BufferDropped(replica.id, writes, reason));
        }
    }

    private void onWrite(Run sender, ReplicateWrite write) {
        Applied applied = apply(sender, write.previous(), write.entries(), write.epoch());
        switch (applied) {
            case HELD -> {
                matched = Math.max(matched, write.previous().index() + write.entries().size());
                owedTo = null;
                ack(sender.node());
                replica.log.retakeWatermark();
            }
            case GAP -> {
                if (!write.entries().isEmpty()) {
                    keepForLater(write);
                }
                catchUp.begin(sender.node());
            }
            case CONFLICT -> {
                if (write.entries().isEmpty()) {
                    // Only told where the log ends: what this replica lacks may be far more than
                    // a refusal could bring back.
                    catchUp.begin(sender.node());
                } else {
                    refuseWrite(sender, write);
                }
            }
            case FULL -> {
                // Comes again; waiting in the buffer would not make room.
            }
        }
        replica.log.takeWatermark(write.watermark());
    }

    /// A full disk ends the entries early: what is there is acknowledged, the rest comes again.
    private Applied apply(Run sender, LogPosition previous, List<Entry> entries, long epoch) {
        try {
            return replica.log.apply(previous, entries, epoch);
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.FULL) {
                throw e;
            }
            matched = Math.max(matched, Math.min(replica.log.lastIndex(), end(previous, entries)));
            ack(sender.node());
            return Applied.FULL;
        }
    }

    private static long end(LogPosition previous, List<?> entries) {
        return previous.index() + entries.size();
    }

    private void keepForLater(ReplicateWrite write) {
        if (buffer.add(write, replica.host.now())) {
            replica.host.record(
                    new EngineEvent.WriteBuffered(replica.id, write.previous().index()));
            replica.wakeBy(replica.host.now() + replica.host.settings().timings().bufferAgeNanos());
        } else {
            dropBuffer(1, "full");
        }
    }

    private void refuseWrite(Run sender, ReplicateWrite write) {
        long previous = write.previous().index();
        long conflict =
                Math.max(replica.log.firstOfEpochAt(previous), replica.log.watermark().index() + 1);
        replica.send(
                sender.node(),
                Lane.CONTROL,
                new ReplicateRefusal(replica.header(), previous, replica.log.last(), conflict));
    }

    /// What waited is treated as if it had just arrived (H15).
    private void drain(Run sender) {
        while (true) {
            ReplicateWrite next = buffer.takeUpTo(replica.log.lastIndex());
            if (next == null) {
                return;
            }
            if (next.epoch() == replica.promised()
                    || !replica.rules.holds(Rule.BUFFER_ENDS_WITH_EPOCH)) {
                onWrite(sender, next);
            }
        }
    }

    private void ack(NodeId to) {
        ackTo = to;
        replica.touch();
    }

    @Override
    void onAnswer(Run sender, PartitionMessage message) {
        switch (message) {
            case PartitionSyncResponse page -> onPage(sender, page);
            case PollAnswer answer -> {
                replica.log.takeWatermark(answer.watermark());
                suspicion.onAnswer(sender, answer);
            }
            case TurnPassed _ -> suspicion.onTurnPassed();
            default -> {
                // Of a reign or candidacy of this replica that is over.
            }
        }
        watchVote();
    }

    private void onPage(Run sender, PartitionSyncResponse page) {
        if (!catchUp.expects(sender, page) || page.epoch() != replica.promised()) {
            return;
        }
        if (!page.matches()) {
            catchUp.onMismatch(page);
            return;
        }
        if (apply(sender, page.previous(), page.entries(), page.epoch()) != Applied.HELD) {
            catchUp.end();
            return;
        }
        // Of the coordinator; or, in this epoch, of a later run of its node, which shows confirmed
        // entries only, and those are in the coordinator's log.
        matched = Math.max(matched, end(page.previous(), page.entries()));
        ack(sender.node());
        replica.log.takeWatermark(page.confirmed());
        replica.log.retakeWatermark();
        catchUp.onApplied(page);
        drain(sender);
    }

    /// A page of what is confirmed, for a replica that does not vote yet.
    void onLesson(Run sender, PartitionSyncResponse page) {
        learning.onPage(sender, page);
        watchVote();
    }

    /// A coordinator's digest shows what this replica lacks (H7).
    void onDigest(Run sender, DigestEntry entry) {
        if (entry.epoch() != replica.promised()
                || !sender.equals(replica.coordinatorRun())
                || !replica.rules.holds(Rule.DIGEST_REPEATS)) {
            return;
        }
        if (matchedEpoch != entry.epoch()) {
            onNewEpoch(entry.epoch());
        }
        replica.log.takeWatermark(entry.watermark());
        if (entry.last().index() > replica.log.lastIndex()) {
            catchUp.begin(sender.node());
        }
        watchVote();
    }

    private void onMemoryLost(Run sender, long acknowledged) {
        if (replica.log.lastIndex() >= acknowledged) {
            return;
        }
        String reason =
                sender
                        + " has seen index "
                        + acknowledged
                        + " here, now it is "
                        + replica.log.lastIndex();
        replica.host.record(new EngineEvent.BecameBlank(replica.id, reason));
        replica.log.format();
        matched = 0;
        catchUp.end();
        buffer.clear();
        replica.publish();
    }

    /// Says so once a readmitted replica counts.
    private void watchVote() {
        if (!votes && replica.log.votes()) {
            votes = true;
            replica.host.record(new EngineEvent.BecameVoter(replica.id));
            review();
        }
    }

    // ---- promises ----

    /// Freezes the log until a message of that epoch or a higher one, and answers when it is
    /// durable (C3).
    void owePromise(Run to, long epoch) {
        if (matchedEpoch != epoch && replica.rules.holds(Rule.PROMISE_STOPS_ACKS)) {
            onNewEpoch(epoch);
        }
        owedTo = to;
        if (!replica.rules.holds(Rule.PROMISE_SYNCS_TAIL)) {
            answerPromise(replica.log.durable());
        } else if (!replica.log.isDirty()) {
            answerPromise(replica.log.last());
        }
        review();
    }

    private void answerPromise(LogPosition last) {
        Run to = owedTo;
        owedTo = null;
        if (to != null) {
            replica.send(
                    to.node(),
                    Lane.CONTROL,
                    new TakeoverPromise(replica.header(), last, replica.log.watermark()));
        }
    }

    private void onConsent(boolean placed) {
        if (replica.log.votes() && replica.repair.isWhole() && !replica.host.stopping()) {
            TakingOver.start(replica, placed ? Reason.PLACED : Reason.PREFERRED, 0);
        }
    }

    // ---- time ----

    @Override
    void onDurable() {
        if (replica.rules.holds(Rule.PROMISE_SYNCS_TAIL) && !replica.log.isDirty()) {
            answerPromise(replica.log.last());
        }
        catchUp.onDurable();
        if (ackTo != null) {
            synced = true;
            replica.touch();
        }
    }

    @Override
    void onTimer(long nowNanos) {
        long next = replica.claims.expire(nowNanos);
        if (next != Long.MAX_VALUE) {
            replica.wakeBy(next);
        }
        long age = replica.host.settings().timings().bufferAgeNanos();
        dropBuffer(buffer.expire(nowNanos, age), "too old");
        if (!buffer.isEmpty()) {
            replica.wakeBy(nowNanos + age);
        }
        catchUp.onTimer(nowNanos);
        expireHeld(nowNanos);
        learning.onTimer(nowNanos);
        suspicion.onTimer(nowNanos);
    }

    @Override
    void onContactChanged() {
        review();
    }

    @Override
    void endTurn() {
        boolean early = !replica.rules.holds(Rule.ACK_AFTER_SYNC);
        NodeId to = ackTo;
        boolean says = early || !replica.log.isDirty() || (synced && replica.log.isEpochDurable());
        if (to == null || !says) {
            return;
        }
        synced = false;
        if (!replica.log.isDirty()) {
            ackTo = null;
        }
        long durable = early ? replica.log.lastIndex() : replica.log.durableIndex();
        long index =
                replica.rules.holds(Rule.ACK_MATCHED_ONLY) ? Math.min(durable, matched) : durable;
        replica.send(
                to,
                Lane.CONTROL,
                new ReplicateWriteAck(
                        replica.header(matchedEpoch), index, replica.log.lastIndex()));
    }

    // ---- requests ----

    /// Writes that were held during a transfer wait here for the new coordinator.
    void hold(ExecuteTransaction request) {
        held.add(request);
        replica.wakeBy(request.deadlineNanos());
    }

    private void releaseHeld(NodeId coordinator) {
        if (!held.isEmpty()) {
            List<ExecuteTransaction> released = new ArrayList<>(held);
            held.clear();
            for (ExecuteTransaction request : released) {
                replica.host.forward(request, coordinator);
            }
        }
    }

    private void expireHeld(long nowNanos) {
        if (held.isEmpty()) {
            return;
        }
        held.removeIf(request -> {
            boolean expired = request.deadlineNanos() <= nowNanos;
            if (expired) {
                refuseHeld(request);
            }
            return expired;
        });
        held.forEach(request -> replica.wakeBy(request.deadlineNanos()));
    }

    /// Was never ordered, so nothing happened.
    private void refuseHeld(ExecuteTransaction request) {
        replica.reach.refuse(request);
    }

    @Override
    void onLeft() {
        held.forEach(this::refuseHeld);
        held.clear();
    }

    @Override
    void onCommand(AdminCommand command) {
        boolean forcedHere =
                command instanceof AdminCommand.TransferCoordinator transfer
                        && transfer.forced()
                        && transfer.target().equals(replica.self);
        if (!forcedHere) {
            super.onCommand(command);
        } else if (!replica.log.votes() || !replica.repair.isWhole()) {
            command.reply()
                    .accept(new CommandResult.Refused("the replica here may not coordinate"));
        } else {
            TakingOver.start(replica, Reason.PLACED, 0);
            command.reply().accept(new CommandResult.Unknown("takeover begun"));
        }
    }

    @Override
    void onStopping() {
        onLeft();
    }

    @Override
    boolean isDrained() {
        return held.isEmpty();
    }

    boolean isCatchingUp() {
        return catchUp.isActive();
    }
}
