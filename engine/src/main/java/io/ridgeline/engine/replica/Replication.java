package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Limits;
import io.ridgeline.engine.Timings;
import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.MemoryLost;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.rule.Rule;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sends a coordinator's log to its replicas: to level ones as it grows, within a window of bytes
/// and entries; lagging ones are told where the log ends, and ask for pages. What is not
/// acknowledged is sent again, with back-off and jitter. A slow replica never slows the others.
final class Replication {
    /// The watermark travels with the next write of any partition of the shard; if none comes for
    /// so long, by itself. A message of its own for each would wake every replica once more a
    /// write. Times are multiples of it, so that partitions share them.
    private static final long CONFIRM_NANOS = 5_000_000;

    private final PartitionReplica replica;
    private final Limits limits;
    private final Timings timings;
    private final RecentEntries recent;
    private final Map<NodeId, Progress> byNode = new TreeMap<>();

    Replication(PartitionReplica replica) {
        this.replica = replica;
        this.limits = replica.host.settings().limits();
        this.timings = replica.host.settings().timings();
        long next = replica.log.lastIndex() + 1;
        this.recent = new RecentEntries(next, limits.windowBytesMax());
        readMembers(next);
    }

    /// The members may have changed.
    void readMembers(long next) {
        for (NodeId member : replica.members()) {
            if (!member.equals(replica.self)) {
                byNode.computeIfAbsent(member, node -> new Progress(node, next));
            }
        }
    }

    Iterable<Progress> all() {
        return byNode.values();
    }

    @Nullable Progress of(NodeId node) {
        return byNode.get(node);
    }

    boolean isAlone() {
        return byNode.isEmpty();
    }

    void add(Entry entry) {
        if (!byNode.isEmpty()) {
            recent.add(entry);
        }
    }

    /// How far a member's disk holds this log (C9: under the storage id that the log names).
    long durable(NodeId node, UUID storageId) {
        Progress progress = byNode.get(node);
        return progress != null && counts(progress, storageId) ? progress.acked : -1;
    }

    long round(NodeId node, UUID storageId) {
        Progress progress = byNode.get(node);
        return progress != null && counts(progress, storageId) ? progress.round : -1;
    }

    private boolean counts(Progress progress, UUID storageId) {
        return progress.storageId != null
                && (progress.storageId.equals(storageId)
                        || !replica.rules.holds(Rule.COUNT_NAMED_STORAGE));
    }

    /// Notes under which storage id a replica speaks.
    void identify(Progress progress, UUID storageId) {
        if (!storageId.equals(progress.storageId)) {
            progress.storageId = storageId;
            progress.acked = 0;
            progress.round = -1;
        }
    }

    /// {@return whether it said something new}
    boolean onAck(Run sender, ReplicateWriteAck ack) {
        Progress progress = byNode.get(sender.node());
        if (progress == null) {
            return false;
        }
        boolean sameMemory = ack.header().storageId().equals(progress.storageId);
        if (sameMemory && sender.startedAt() > progress.runStartedAt) {
            if (progress.runStartedAt != 0 && ack.endIndex() < progress.acked) {
                // A disk that shows less than it has acknowledged was restored from a copy (H17).
                replica.send(
                        sender.node(),
                        Lane.CONTROL,
                        new MemoryLost(replica.header(), progress.acked));
                return false;
            }
        }
        progress.runStartedAt = Math.max(progress.runStartedAt, sender.startedAt());
        identify(progress, ack.header().storageId());
        progress.probe = false;
        long index = Math.min(ack.durableIndex(), replica.log.lastIndex());
        if (index > progress.acked) {
            progress.acked = index;
            if (index >= progress.next) {
                progress.goTo(index + 1);
            }
            progress.probing = false;
            progress.resendNanos = timings.resendNanos();
            armResend(progress);
            dropRecent();
            return true;
        }
        return false;
    }

    private void dropRecent() {
        long least = Long.MAX_VALUE;
        for (Progress progress : byNode.values()) {
            if (progress.level) {
                least = Math.min(least, progress.acked);
            }
        }
        recent.dropUpTo(Math.min(least, replica.log.durableIndex()));
    }

    /// The replica lacks the entry before: go back to where the logs may still be equal.
    void onRefusal(Run sender, ReplicateRefusal refusal) {
        Progress progress = byNode.get(sender.node());
        if (progress == null) {
            return;
        }
        identify(progress, refusal.header().storageId());
        progress.probe = false;
        long next = Math.min(refusal.conflictIndex(), refusal.last().index() + 1);
        if (refusal.previousIndex() <= progress.acked || next > progress.next) {
            return;
        }
        progress.goTo(Math.max(next, progress.acked + 1));
        progress.probing = true;
        progress.resendAt = Long.MAX_VALUE;
        pump(progress);
    }

    /// A page went to a replica that follows.
    void onPageServed(NodeId node, long previousIndex, int entries) {
        Progress progress = byNode.get(node);
        if (progress == null) {
            return;
        }
        long end = previousIndex + entries;
        if (end >= replica.log.lastIndex()) {
            progress.goTo(end + 1);
            progress.probing = false;
            setLevel(progress, true);
            progress.resendNanos = timings.resendNanos();
            armResend(progress);
        } else if (replica.log.lastIndex() - end > limits.windowEntriesMax()) {
            setLevel(progress, false);
        }
    }

    private void setLevel(Progress progress, boolean level) {
        if (progress.level != level) {
            progress.level = level;
            replica.host.record(new EngineEvent.DegradedChanged(replica.id, progress.node, !level));
        }
    }

    /// A connection or a run is new: what was under way is lost, and the replica may have
    /// forgotten.
    void onNewContact(NodeId node) {
        Progress progress = byNode.get(node);
        if (progress != null) {
            progress.goTo(progress.acked + 1);
            progress.probing = true;
            progress.probe = true;
            progress.resendNanos = timings.resendNanos();
            progress.resendAt = Long.MAX_VALUE;
            progress.tells(LogPosition.NONE);
            replica.touch();
        }
    }

    /// Sends what the windows allow.
    void endTurn() {
        for (Progress progress : byNode.values()) {
            if (!replica.host.isConnected(progress.node)) {
                continue;
            }
            pump(progress);
            confirm(progress);
        }
    }

    private void pump(Progress progress) {
        long last = replica.log.lastIndex();
        while (progress.level && progress.next <= last) {
            if (progress.probing && progress.resendAt != Long.MAX_VALUE) {
                return;
            }
            long inFlight = progress.next - 1 - progress.settled();
            if (inFlight >= limits.windowEntriesMax()
                    || (inFlight > 0
                            && recent.bytesBetween(progress.settled(), progress.next - 1)
                                    >= limits.windowBytesMax())) {
                return;
            }
            List<Entry> entries = take(progress.next, last);
            if (entries.isEmpty()) {
                setLevel(progress, false);
                sendEnd(progress);
                return;
            }
            sendFrom(progress, entries);
        }
        boolean silent = progress.resendAt == Long.MAX_VALUE;
        boolean tellEnd = progress.level ? progress.probe : progress.acked < last;
        if (silent && tellEnd) {
            sendEnd(progress);
        }
    }

    private List<Entry> take(long next, long last) {
        if (next >= recent.firstIndex()) {
            return recent.from(next, limits.replicateBytesMax(), limits.windowEntriesMax());
        }
        if (last - next >= limits.windowEntriesMax()) {
            return List.of();
        }
        long bound = Math.min(last, recent.firstIndex() - 1);
        try {
            return replica.log.entries(next, bound, limits.replicateBytesMax());
        } catch (StorageException e) {
            if (e.kind() != StorageException.Kind.DAMAGED) {
                throw e;
            }
            replica.repair.onDamage(next, e);
            return List.of();
        }
    }

    private void sendFrom(Progress progress, List<Entry> entries) {
        long previous = progress.next - 1;
        progress.next += entries.size();
        progress.tells(replica.log.watermark());
        replica.send(
                progress.node,
                Lane.REPLICATION,
                new ReplicateWrite(
                        replica.header(),
                        new LogPosition(previous, replica.log.epochAt(previous)),
                        replica.log.watermark(),
                        entries));
        if (progress.resendAt == Long.MAX_VALUE) {
            armResend(progress);
        }
    }

    /// Tells a lagging replica where the log ends, so that it asks for what it lacks.
    private void sendEnd(Progress progress) {
        progress.goTo(replica.log.lastIndex() + 1);
        progress.tells(replica.log.watermark());
        replica.send(
                progress.node,
                Lane.REPLICATION,
                new ReplicateWrite(
                        replica.header(), replica.log.last(), replica.log.watermark(), List.of()));
        armResend(progress);
    }

    /// Somebody waits for the watermark elsewhere.
    void confirmNow() {
        for (Progress progress : byNode.values()) {
            if (progress.confirmAt != Long.MAX_VALUE) {
                progress.confirmAt = replica.host.now();
                replica.touch();
            }
        }
    }

    private void confirm(Progress progress) {
        if (!owesWatermark(progress)) {
            return;
        }
        long now = replica.host.now();
        if (progress.confirmAt == Long.MAX_VALUE) {
            progress.confirmAt = (now / CONFIRM_NANOS + 1) * CONFIRM_NANOS;
            replica.host.tellAlong(progress.node, replica);
        }
        if (progress.confirmAt > now) {
            replica.wakeBy(progress.confirmAt);
            return;
        }
        tellWatermark(progress, Lane.CONTROL);
    }

    /// Something else is sent to the node on its lane of writes.
    void tellAlong(NodeId node) {
        Progress progress = byNode.get(node);
        if (progress != null && owesWatermark(progress)) {
            tellWatermark(progress, Lane.REPLICATION);
        }
    }

    private boolean owesWatermark(Progress progress) {
        LogPosition watermark = replica.log.watermark();
        return progress.level
                && watermark.index() > progress.sentWatermark.index()
                && watermark.epoch() == replica.promised();
    }

    private void tellWatermark(Progress progress, Lane lane) {
        LogPosition watermark = replica.log.watermark();
        progress.tells(watermark);
        replica.send(progress.node, lane, new ConfirmTransaction(replica.header(), watermark));
    }

    private void armResend(Progress progress) {
        if (!progress.isOutstanding()) {
            progress.resendAt = Long.MAX_VALUE;
            progress.resendNanos = timings.resendNanos();
            return;
        }
        if (progress.resendNanos == 0) {
            progress.resendNanos = timings.resendNanos();
        }
        long jitter = replica.host.random().nextLong(1 + progress.resendNanos / 4);
        progress.resendAt = replica.host.now() + progress.resendNanos + jitter;
        replica.wakeBy(progress.resendAt);
    }

    void onTimer(long nowNanos) {
        for (Progress progress : byNode.values()) {
            if (progress.confirmAt != Long.MAX_VALUE) {
                replica.touch();
            }
        }
        if (!replica.rules.holds(Rule.RESEND)) {
            return;
        }
        for (Progress progress : byNode.values()) {
            if (progress.resendAt > nowNanos) {
                if (progress.resendAt != Long.MAX_VALUE) {
                    replica.wakeBy(progress.resendAt);
                }
                continue;
            }
            progress.resendAt = Long.MAX_VALUE;
            if (!progress.isOutstanding() || !replica.host.isConnected(progress.node)) {
                continue;
            }
            progress.resendNanos = Math.min(2 * progress.resendNanos, timings.resendMaxNanos());
            replica.host.record(
                    new EngineEvent.Resent(replica.id, progress.node, progress.acked + 1));
            progress.goTo(progress.acked + 1);
            progress.probing = true;
            pump(progress);
        }
    }
}
