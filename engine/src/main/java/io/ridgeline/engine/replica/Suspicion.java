package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Timings;
import io.ridgeline.engine.membership.EpochStart.Reason;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.TurnPassed;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.transport.Lane;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Decides when a replica tries to take over: when nobody leads, after rank × step with jitter, and
/// once a poll, which changes nothing, finds enough others of the same opinion. Decides when, never
/// whether it is allowed.
final class Suspicion {
    private static final int BACKOFF_MAX = 5;

    private final PartitionReplica replica;
    private final Map<NodeId, PollAnswer> answers = new TreeMap<>();
    private State state = State.IDLE;
    private long dueAt = Long.MAX_VALUE;
    private int attempts;
    private boolean passed;
    private long nonce;

    private enum State {
        /// Somebody leads, or this replica may not.
        IDLE,
        /// It is not known yet what the others claim.
        LISTENING,
        /// For its turn.
        WAITING,
        /// For answers.
        POLLING
    }

    /// @param attempts how many have failed since somebody led
    Suspicion(PartitionReplica replica, int attempts) {
        this.replica = replica;
        this.attempts = attempts;
    }

    /// Something changed that the decision depends on.
    void review() {
        if (replica.isLed() || !mayTakeOver()) {
            state = State.IDLE;
            attempts = 0;
            passed = false;
        } else if (state == State.IDLE || (state == State.LISTENING && replica.claimsKnown())) {
            schedule();
        }
    }

    private boolean mayTakeOver() {
        boolean candidate = replica.log.votes() || replica.log.lastIndex() == 0;
        return candidate
                && !replica.host.stopping()
                && (replica.repair.isWhole() || !replica.rules.holds(Rule.DAMAGED_NO_CANDIDATE));
    }

    private void schedule() {
        Timings timings = replica.host.settings().timings();
        if (!replica.claimsKnown()) {
            await(State.LISTENING, timings.detectorNanos() / 4);
            return;
        }
        long step = timings.stepNanos();
        int rank = rank();
        long wait = rank * step + (rank > 0 ? jitter(step / 4) : 0);
        if (attempts > 1) {
            wait += jitter(step << Math.min(attempts - 1, BACKOFF_MAX));
        }
        if (wait == 0) {
            startPoll();
        } else {
            await(State.WAITING, wait);
        }
    }

    private void await(State next, long nanos) {
        state = next;
        dueAt = replica.host.now() + nanos;
        replica.wakeBy(dueAt);
    }

    private long jitter(long nanos) {
        return replica.host.random().nextLong(Math.max(1, nanos));
    }

    /// The place in the order of preference among those who are not known to be down (R-CO-2).
    private int rank() {
        Run self = replica.host.settings().self();
        int rank = 0;
        for (NodeId member : replica.members()) {
            Run run = replica.host.runOf(member);
            if (run != null
                    && !member.equals(self.node())
                    && replica.host.isHeard(member)
                    && run.compareTo(self) < 0) {
                rank++;
            }
        }
        return rank;
    }

    void onTimer(long nowNanos) {
        if (state != State.IDLE && dueAt > nowNanos) {
            replica.wakeBy(dueAt);
            return;
        }
        State due = state;
        state = State.IDLE;
        if (due == State.POLLING) {
            attempts++;
        }
        if (due == State.WAITING && replica.claimsKnown()) {
            if (!replica.isLed() && mayTakeOver()) {
                startPoll();
                return;
            }
        }
        review();
    }

    /// Another replica says that it is this one's turn.
    void onTurnPassed() {
        if (state != State.POLLING && !replica.isLed() && mayTakeOver()) {
            startPoll();
        }
    }

    private void startPoll() {
        if (!replica.rules.holds(Rule.POLL_FIRST)) {
            takeOver();
            return;
        }
        answers.clear();
        nonce = replica.host.random().nextLong();
        replica.host.record(new EngineEvent.PollStarted(replica.id, replica.promised()));
        await(State.POLLING, replica.host.settings().timings().stepNanos());
        for (NodeId member : replica.members()) {
            if (!member.equals(replica.self)) {
                replica.send(member, Lane.CONTROL, new PollRequest(replica.header(), nonce));
            }
        }
        onAnswer(replica.host.settings().self(), new Promises(replica).answer(nonce));
    }

    void onAnswer(Run sender, PollAnswer answer) {
        if (state != State.POLLING || answer.nonce() != nonce) {
            return;
        }
        if (!mayTakeOver()) {
            // It has learned entries meanwhile that do not name it.
            state = State.IDLE;
            return;
        }
        answers.put(sender.node(), answer);
        if (replica.log.memberships().isEmpty()) {
            decideFirst();
        } else if (replica.log.memberships().holdsPoll(this::vote, this::consent)) {
            decide();
        }
    }

    private long consent(NodeId node, UUID storageId) {
        PollAnswer answer = answers.get(node);
        boolean consents =
                answer != null && answer.gone() && answer.header().storageId().equals(storageId);
        return consents ? 0 : -1;
    }

    private long vote(NodeId node, UUID storageId) {
        PollAnswer answer = answers.get(node);
        return answer != null && answer.voter() ? consent(node, storageId) : -1;
    }

    /// Without a log: every replica must say that it has none either (M9); if one has, it is its
    /// turn, and this one waits to be readmitted or caught up.
    private void decideFirst() {
        for (Map.Entry<NodeId, PollAnswer> each : answers.entrySet()) {
            PollAnswer answer = each.getValue();
            if (answer.last().index() > 0) {
                if (answer.voter() && answer.gone()) {
                    pass(each.getKey());
                }
                return;
            }
        }
        boolean needsAll = replica.rules.holds(Rule.BOOTSTRAP_NEEDS_ALL);
        int needed = needsAll ? replica.assigned.size() : replica.assigned.size() / 2 + 1;
        long consents = answers.values().stream().filter(PollAnswer::gone).count();
        if (consents >= needed) {
            takeOver();
        }
    }

    private void decide() {
        LogPosition own = replica.log.last();
        LogPosition best = own;
        for (PollAnswer answer : answers.values()) {
            if (compare(answer.last(), best) > 0) {
                best = answer.last();
            }
        }
        long behind = best.index() - own.index();
        if (behind > replica.host.settings().limits().behindEntriesMax() && !passed) {
            NodeId other = oldestLevel(best);
            if (other != null) {
                pass(other);
                return;
            }
        }
        takeOver();
    }

    /// The oldest voter whose log is near the best.
    private @Nullable NodeId oldestLevel(LogPosition best) {
        long behindMax = replica.host.settings().limits().behindEntriesMax();
        @Nullable Run oldest = null;
        for (Map.Entry<NodeId, PollAnswer> each : answers.entrySet()) {
            PollAnswer answer = each.getValue();
            Run run = replica.host.runOf(each.getKey());
            if (run != null
                    && answer.voter()
                    && answer.sound()
                    && best.index() - answer.last().index() <= behindMax
                    && (oldest == null || run.compareTo(oldest) < 0)) {
                oldest = run;
            }
        }
        return oldest == null ? null : oldest.node();
    }

    private void pass(NodeId other) {
        passed = true;
        attempts++;
        replica.host.record(new EngineEvent.TurnPassed(replica.id, other));
        replica.send(other, Lane.CONTROL, new TurnPassed(replica.header()));
        await(State.WAITING, 2 * replica.host.settings().timings().stepNanos());
    }

    private void takeOver() {
        state = State.IDLE;
        TakingOver.start(replica, Reason.TAKEOVER, attempts);
    }

    /// By last epoch, then by index.
    static int compare(LogPosition a, LogPosition b) {
        int byEpoch = Long.compare(a.epoch(), b.epoch());
        return byEpoch != 0 ? byEpoch : Long.compare(a.index(), b.index());
    }
}
