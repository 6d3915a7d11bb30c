package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Role;
import io.ridgeline.engine.membership.Configuration;
import io.ridgeline.engine.membership.EpochStart.Reason;
import io.ridgeline.engine.membership.Member;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRefusal;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.engine.replica.ReplicaLog.Applied;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A replica that wants to coordinate in a new epoch.
///
/// First its own promise becomes durable; then it asks all; with T promises it copies the best log
/// among them from its holder, counts them again by the members that this log names, and begins its
/// reign. The promises freeze the logs that it chose from.
///
/// Ends as coordinator; or as a replica, once a higher epoch is heard, another won this one, or
/// nothing moves for the takeover time.
final class TakingOver extends RoleState {
    private final Reason reason;
    private final int attempts;
    private final long epoch;
    private final CatchUp adoption;
    private final Map<NodeId, TakeoverPromise> promises = new TreeMap<>();
    private final Set<NodeId> refusing = new TreeSet<>();
    private boolean asked;
    private boolean counted;
    private boolean adopted;
    private long givesUpAt;
    private long asksAgainAt;
    private long retryNanos;

    private TakingOver(PartitionReplica replica, Reason reason, int attempts, long epoch) {
        super(replica);
        this.reason = reason;
        this.attempts = attempts;
        this.epoch = epoch;
        this.adoption = new CatchUp(replica, Purpose.ADOPT);
        this.retryNanos = replica.host.settings().timings().resendNanos();
    }

    /// Promises a new epoch to itself and becomes a candidate.
    ///
    /// @param attempts how many have failed since somebody led
    static void start(PartitionReplica replica, Reason reason, int attempts) {
        long heard =
                replica.rules.holds(Rule.EPOCH_ABOVE_HEARD)
                        ? Math.max(replica.heardEpoch(), replica.promised())
                        : replica.promised();
        long epoch = heard + 1;
        replica.log.promise(epoch, replica.host.settings().self());
        replica.host.record(new EngineEvent.TakeoverStarted(replica.id, epoch, reason.name()));
        replica.become(new TakingOver(replica, reason, attempts, epoch));
    }

    @Override
    Role role() {
        return Role.TAKING_OVER;
    }

    @Override
    Phase phase() {
        return Phase.TAKING_OVER;
    }

    int failures() {
        return attempts + 1;
    }

    @Override
    void begin() {
        onProgress();
        if (!replica.rules.holds(Rule.OWN_PROMISE_FIRST)) {
            ask();
        }
    }

    private void onProgress() {
        givesUpAt = replica.host.now() + replica.host.settings().timings().takeoverNanos();
        replica.wakeBy(givesUpAt);
    }

    @Override
    void onDurable() {
        if (!asked) {
            if (!replica.log.isDirty()) {
                ask();
            }
        } else {
            adoption.onDurable();
        }
    }

    private void ask() {
        asked = true;
        promises.put(
                replica.self,
                new TakeoverPromise(replica.header(), replica.log.last(), replica.log.watermark()));
        askMissing();
        advance();
    }

    private void askMissing() {
        boolean first = replica.log.lastIndex() == 0;
        boolean missing = false;
        for (NodeId member : replica.members()) {
            if (!promises.containsKey(member)) {
                missing = true;
                replica.send(
                        member,
                        Lane.CONTROL,
                        new TakeoverRequest(replica.header(), first, replica.log.firstMembers()));
            }
        }
        if (missing) {
            asksAgainAt = replica.host.now() + retryNanos;
            retryNanos =
                    Math.min(2 * retryNanos, replica.host.settings().timings().resendMaxNanos());
            replica.wakeBy(asksAgainAt);
        } else {
            asksAgainAt = Long.MAX_VALUE;
        }
    }

    @Override
    void onAnswer(Run sender, PartitionMessage message) {
        switch (message) {
            case TakeoverPromise promise -> {
                if (promises.putIfAbsent(sender.node(), promise) == null) {
                    onProgress();
                    advance();
                }
            }
            case TakeoverRefusal refusal -> onRefusal(sender, refusal);
            case PartitionSyncResponse page when page.purpose() == Purpose.ADOPT ->
                    onPage(sender, page);
            default -> {
                // Of an earlier role.
            }
        }
    }

    /// A promise is given once: who has given that of this epoch to another will not give it any
    /// more, and who is down gives none. Waiting would only keep others from trying.
    private void onRefusal(Run sender, TakeoverRefusal refusal) {
        if (refusal.blank() || refusal.epoch() != epoch || refusal.refusedEpoch() != epoch) {
            return;
        }
        refusing.add(sender.node());
        boolean possible =
                replica.log.lastIndex() > 0
                        && replica.log
                                .memberships()
                                .holdsTakeover((node, _) -> mayPromise(node) ? 0 : -1);
        if (!possible) {
            fail("epoch promised to another by " + refusing);
        }
    }

    private boolean mayPromise(NodeId node) {
        return !refusing.contains(node)
                && (promises.containsKey(node) || replica.host.isHeard(node));
    }

    /// Goes on as far as the promises allow.
    private void advance() {
        if (replica.log.lastIndex() == 0) {
            advanceFirst();
            return;
        }
        boolean enough =
                replica.log.memberships().holdsTakeover(this::promised)
                        || (counted && !replica.rules.holds(Rule.RECOUNT_AFTER_ADOPTION));
        if (!enough) {
            return;
        }
        counted = true;
        NodeId holder = bestHolder();
        if (holder != null && replica.rules.holds(Rule.ADOPT_BEST_LOG)) {
            adopted = true;
            adoption.begin(holder);
            return;
        }
        for (TakeoverPromise promise : promises.values()) {
            replica.log.takeWatermark(promise.watermark());
        }
        if (adopted) {
            replica.host.record(
                    new EngineEvent.LogAdopted(
                            replica.id, epoch, replica.self, replica.log.lastIndex()));
        }
        replica.become(Coordinating.beginning(replica, reason, null));
    }

    /// The first coordinator of all: every replica must have promised, and none may have a log. So
    /// no replica that lost its memory can stand in for the one that had it (C9, M9).
    private void advanceFirst() {
        List<Member> members = new ArrayList<>();
        for (Map.Entry<NodeId, TakeoverPromise> each : promises.entrySet()) {
            if (each.getValue().last().index() > 0) {
                fail(each.getKey() + " has a log");
                return;
            }
            members.add(new Member(each.getKey(), each.getValue().header().storageId()));
        }
        boolean all = replica.rules.holds(Rule.BOOTSTRAP_NEEDS_ALL);
        int count = replica.assigned.size();
        if (members.size() < (all ? count : count / 2 + 1)) {
            return;
        }
        for (NodeId node : replica.assigned) {
            if (!promises.containsKey(node)) {
                members.add(new Member(node, new UUID(0, 0)));
            }
        }
        Configuration first =
                new Configuration(
                        members,
                        replica.host.settings().quorum().quorum(count),
                        replica.host.settings().versions().max());
        replica.become(Coordinating.beginning(replica, reason, first));
    }

    private long promised(NodeId node, UUID storageId) {
        TakeoverPromise promise = promises.get(node);
        boolean counts =
                promise != null
                        && (promise.header().storageId().equals(storageId)
                                || !replica.rules.holds(Rule.COUNT_NAMED_STORAGE));
        return counts ? 0 : -1;
    }

    /// Who holds a better log than this replica, or null.
    private @Nullable NodeId bestHolder() {
        LogPosition best = replica.log.last();
        @Nullable NodeId holder = null;
        for (Map.Entry<NodeId, TakeoverPromise> each : promises.entrySet()) {
            LogPosition last = each.getValue().last();
            if (!each.getKey().equals(replica.self) && Suspicion.compare(last, best) > 0) {
                best = last;
                holder = each.getKey();
            }
        }
        return holder;
    }

    private void onPage(Run sender, PartitionSyncResponse page) {
        if (!adoption.expects(sender, page) || page.epoch() != epoch) {
            return;
        }
        onProgress();
        if (!page.matches()) {
            adoption.onMismatch(page);
            return;
        }
        try {
            if (replica.log.apply(page.previous(), page.entries(), epoch - 1) != Applied.HELD) {
                adoption.end();
                return;
            }
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.FULL) {
                throw e;
            }
            fail("disk is full");
            return;
        }
        replica.log.takeWatermark(page.confirmed());
        adoption.onApplied(page);
        if (!adoption.isActive()) {
            advance();
        }
    }

    private void fail(String why) {
        replica.host.record(new EngineEvent.TakeoverFailed(replica.id, epoch, why));
        replica.become(new Following(replica, failures()));
    }

    @Override
    void onTimer(long nowNanos) {
        if (nowNanos >= givesUpAt) {
            fail("no progress with promises of " + promises.keySet());
            return;
        }
        replica.wakeBy(givesUpAt);
        adoption.onTimer(nowNanos);
        if (asked && nowNanos >= asksAgainAt) {
            askMissing();
        } else if (asked) {
            replica.wakeBy(asksAgainAt);
        }
    }

    @Override
    void onContactChanged() {
        // Whether the candidacy succeeds is for the promises to say.
    }

    @Override
    void endTurn() {}
}
