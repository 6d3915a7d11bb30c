package io.ridgeline.engine.replica;

import io.ridgeline.engine.membership.EpochStart.Reason;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import org.jspecify.annotations.Nullable;

/// Gives a partition back to an older, level replica after a hold time, unless an operator or
/// balancing placed it here (M1, M2). Preference never deposes: this is a transfer.
final class HandBack {
    private static final int HOLD_DOUBLINGS_MAX = 6;

    private final PartitionReplica replica;
    private final Replication replication;
    private final Transfer transfer;
    private boolean enabled;
    private long dueAt = Long.MAX_VALUE;
    private @Nullable NodeId candidate;

    HandBack(PartitionReplica replica, Replication replication, Transfer transfer) {
        this.replica = replica;
        this.replication = replication;
        this.transfer = transfer;
    }

    /// The reign is confirmed.
    void begin(Reason reason) {
        enabled =
                reason != Reason.PLACED
                        && replica.host.settings().timings().transferHoldNanos() > 0;
        review();
    }

    /// Nodes or logs have changed.
    void review() {
        if (!enabled || transfer.isActive()) {
            return;
        }
        NodeId older = oldestLevel(true);
        if (older == null) {
            candidate = null;
            dueAt = Long.MAX_VALUE;
        } else if (!older.equals(candidate)) {
            candidate = older;
            dueAt = replica.host.now() + replica.handBackNanos;
            replica.wakeBy(dueAt);
        }
    }

    void onTimer(long nowNanos) {
        if (nowNanos < dueAt) {
            if (dueAt != Long.MAX_VALUE) {
                replica.wakeBy(dueAt);
            }
            return;
        }
        dueAt = Long.MAX_VALUE;
        NodeId waited = candidate;
        candidate = null;
        NodeId older = oldestLevel(true);
        if (older == null || !older.equals(waited) || transfer.isActive()) {
            review();
            return;
        }
        long hold = replica.host.settings().timings().transferHoldNanos();
        replica.handBackNanos = Math.min(2 * replica.handBackNanos, hold << HOLD_DOUBLINGS_MAX);
        start(older);
    }

    /// At once, to whoever is best placed.
    void handOver() {
        NodeId best = oldestLevel(false);
        if (best != null && !transfer.isActive()) {
            start(best);
        }
    }

    private void start(NodeId target) {
        transfer.start(target, false, false, null);
        transfer.onProgress(replication.of(target));
    }

    private @Nullable NodeId oldestLevel(boolean olderThanSelf) {
        @Nullable Run oldest = olderThanSelf ? replica.host.settings().self() : null;
        @Nullable NodeId found = null;
        for (Progress progress : replication.all()) {
            Run run = replica.host.runOf(progress.node);
            if (run != null && isFit(progress) && (oldest == null || run.compareTo(oldest) < 0)) {
                oldest = run;
                found = progress.node;
            }
        }
        return found;
    }

    private boolean isFit(Progress progress) {
        return progress.level
                && progress.acked > 0
                && progress.storageId != null
                && replica.log.memberships().names(progress.node, progress.storageId)
                && replica.host.isInContact(progress.node);
    }
}
