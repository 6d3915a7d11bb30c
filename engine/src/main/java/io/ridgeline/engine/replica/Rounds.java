package io.ridgeline.engine.replica;

import io.ridgeline.engine.message.PartitionMessage.RoundRequest;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.transport.Lane;
import java.util.UUID;

/// Asks the replicas whether they are still in this epoch, once per turn for all that want to know:
/// without clocks, the only proof that nobody else coordinates by now (H10).
final class Rounds {
    private final PartitionReplica replica;
    private final Replication replication;
    private long sent;
    private long answered;
    private boolean wanted;
    private long againAt = Long.MAX_VALUE;

    Rounds(PartitionReplica replica, Replication replication) {
        this.replica = replica;
        this.replication = replication;
    }

    /// {@return the round that begins after this moment}
    long join() {
        if (!replica.rules.holds(Rule.ROUND_AFTER_READ)) {
            return answered;
        }
        wanted = true;
        replica.touch();
        return sent + 1;
    }

    long answered() {
        return answered;
    }

    /// Begins the round that was joined in this turn.
    void endTurn() {
        if (wanted) {
            wanted = false;
            sent++;
            ask();
        }
    }

    private void ask() {
        for (Progress progress : replication.all()) {
            if (progress.round < sent) {
                replica.send(progress.node, Lane.CONTROL, new RoundRequest(replica.header(), sent));
            }
        }
        againAt = replica.host.now() + replica.host.settings().timings().resendNanos();
        if (!replication.isAlone()) {
            replica.wakeBy(againAt);
        }
    }

    /// Counts the answers.
    ///
    /// @return whether a further round is complete
    boolean count() {
        long complete = replica.log.memberships().writeRound(this::roundOf);
        if (complete > answered) {
            answered = complete;
            return true;
        }
        return false;
    }

    private long roundOf(NodeId node, UUID storageId) {
        if (node.equals(replica.self)) {
            return storageId.equals(replica.log.storageId()) ? sent : -1;
        }
        return replication.round(node, storageId);
    }

    void onTimer(long nowNanos) {
        if (answered >= sent) {
            againAt = Long.MAX_VALUE;
        } else if (nowNanos >= againAt) {
            ask();
        } else {
            replica.wakeBy(againAt);
        }
    }
}
