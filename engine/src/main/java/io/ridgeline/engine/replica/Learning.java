package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.engine.replica.ReplicaLog.Applied;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.List;

/// While nobody leads, a replica that does not vote asks one member after the other for what is
/// confirmed: its readmission may be among it, and then it votes again, and may be the one that a
/// takeover lacks. Confirmed entries are facts, whoever sends them.
final class Learning {
    private final PartitionReplica replica;
    private LogPosition asked = LogPosition.NONE;
    private int turn;
    private long askAt = Long.MAX_VALUE;

    Learning(PartitionReplica replica) {
        this.replica = replica;
    }

    /// Who leads, or whether this replica votes, may have changed.
    void review() {
        if (!isWanted()) {
            askAt = Long.MAX_VALUE;
        } else if (askAt == Long.MAX_VALUE) {
            askAt = replica.host.now() + replica.host.settings().timings().stepNanos();
            replica.wakeBy(askAt);
        }
    }

    private boolean isWanted() {
        return !replica.log.votes() && !replica.isLed();
    }

    void onTimer(long nowNanos) {
        review();
        if (askAt == Long.MAX_VALUE) {
            return;
        }
        if (nowNanos >= askAt) {
            turn++;
            askAt = nowNanos + replica.host.settings().timings().stepNanos();
            ask(replica.log.last());
        }
        replica.wakeBy(askAt);
    }

    private void ask(LogPosition previous) {
        List<NodeId> others = new ArrayList<>();
        for (NodeId member : replica.members()) {
            if (!member.equals(replica.self) && replica.host.isHeard(member)) {
                others.add(member);
            }
        }
        if (others.isEmpty()) {
            return;
        }
        asked = previous;
        replica.send(
                others.get(Math.floorMod(turn, others.size())),
                Lane.CONTROL,
                new PartitionSyncRequest(replica.header(), Purpose.LEARN, previous, 0));
    }

    void onPage(Run sender, PartitionSyncResponse page) {
        if (!isWanted() || !page.previous().equals(asked)) {
            return;
        }
        if (!page.matches()) {
            long back = Math.min(page.conflictIndex() - 1, asked.index() - 1);
            long index = Math.max(back, replica.log.watermark().index());
            if (index < asked.index()) {
                ask(new LogPosition(index, replica.log.epochAt(index)));
            }
            return;
        }
        replica.log.takeWatermark(page.confirmed());
        if (page.entries().isEmpty() || page.confirmed().index() < end(page)) {
            return;
        }
        long epoch = page.entries().getLast().epoch();
        if (epoch > replica.promised()) {
            replica.log.raise(epoch, sender);
        }
        try {
            if (replica.log.apply(page.previous(), page.entries(), epoch) == Applied.HELD) {
                replica.host.record(
                        new EngineEvent.CatchUpStarted(
                                replica.id, sender.node(), page.previous().index() + 1));
                replica.log.takeWatermark(page.confirmed());
                ask(replica.log.last());
            }
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.FULL) {
                throw e;
            }
        }
    }

    private static long end(PartitionSyncResponse page) {
        return page.entries().getLast().index();
    }
}
