package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRefusal;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.transport.Lane;

/// Answers polls and takeover requests, whatever the role.
final class Promises {
    private final PartitionReplica replica;

    Promises(PartitionReplica replica) {
        this.replica = replica;
    }

    /// Says how things look from here; changes nothing (H6).
    void onPoll(Run sender, PollRequest request) {
        if (replica.role() instanceof Halted) {
            return;
        }
        replica.send(sender.node(), Lane.CONTROL, answer(request.nonce()));
    }

    /// The own answer to a poll.
    PollAnswer answer(long nonce) {
        ReplicaLog log = replica.log;
        boolean gone = !replica.isLed(this::isInReach) && replica.claimsKnown();
        return new PollAnswer(
                replica.header(),
                nonce,
                gone,
                log.votes() || log.mayStandInTheFirst(),
                replica.repair.isWhole(),
                log.last(),
                log.watermark());
    }

    /// A node without a connection is as good as gone for others who have waited long enough to
    /// ask.
    private boolean isInReach(NodeId node) {
        return replica.host.isHeard(node) && replica.host.isConnected(node);
    }

    /// Promises an epoch that is above the promised one, whoever's log is longer; or repeats the
    /// very same promise (C1).
    void onRequest(Run sender, TakeoverRequest request) {
        if (replica.role() instanceof Halted) {
            return;
        }
        ReplicaLog log = replica.log;
        long epoch = request.epoch();
        if (epoch - log.promised() > replica.host.settings().limits().epochStepMax()) {
            replica.refuse(sender.node(), request, "epoch far above " + log.promised());
            return;
        }
        boolean repeated =
                epoch == log.promised()
                        && log.isPromiseSaved()
                        && (log.promisedTo().equals(sender)
                                || !replica.rules.holds(Rule.PROMISE_ONCE));
        if (epoch <= log.promised() && !repeated) {
            refuse(sender, epoch, false);
            return;
        }
        boolean named = request.first() || request.firstMembers().contains(log.storageId());
        boolean may = log.votes() || (log.lastIndex() == 0 && named);
        if (!may) {
            replica.refuse(sender.node(), request, "blank: may not promise");
            refuse(sender, epoch, true);
            return;
        }
        if (!repeated) {
            replica.depose(epoch, sender.node());
            log.promise(epoch, sender);
            replica.host.record(new EngineEvent.Promised(replica.id, epoch, sender.node()));
        }
        replica.implied(sender.node(), epoch, Phase.TAKING_OVER);
        if (replica.role() instanceof Following following) {
            following.owePromise(sender, epoch);
        }
        replica.publish();
    }

    private void refuse(Run sender, long epoch, boolean blank) {
        replica.send(
                sender.node(), Lane.CONTROL, new TakeoverRefusal(replica.header(), epoch, blank));
    }
}
