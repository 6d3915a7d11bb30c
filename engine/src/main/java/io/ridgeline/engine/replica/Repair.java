package io.ridgeline.engine.replica;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.Condition.IndexRange;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Puts damaged entries back from the confirmed prefix of any other replica, without a coordinator
/// (H14). Meanwhile the replica votes, but is no candidate and serves nothing of the damage.
final class Repair {
    private final PartitionReplica replica;
    private static final int SEARCH_BYTES = 1 << 20;
    private static final long SEARCH_PAUSE_NANOS = 5_000_000;

    private final TreeSet<Long> damaged = new TreeSet<>();
    private long searchAt = Long.MAX_VALUE;
    private long askedIndex;
    private int turn;
    private long retryAt = Long.MAX_VALUE;
    private long retryNanos;

    Repair(PartitionReplica replica) {
        this.replica = replica;
    }

    void start(Condition condition) {
        switch (condition) {
            case Condition.Clean _ -> {}
            case Condition.Blank(String reason) ->
                    replica.host.record(new EngineEvent.BecameBlank(replica.id, reason));
            case Condition.Damaged(List<IndexRange> ranges) -> {
                for (IndexRange range : ranges) {
                    for (long i = range.firstIndex(); i <= range.lastIndex(); i++) {
                        damaged.add(i);
                    }
                    replica.host.record(
                            new EngineEvent.Damaged(
                                    replica.id, range.firstIndex(), range.lastIndex()));
                }
                ask();
            }
        }
    }

    /// {@return whether all of the log can be read}
    boolean isWhole() {
        return damaged.isEmpty();
    }

    long damagedEntries() {
        return damaged.size();
    }

    /// A read found damage at an index or somewhat behind it.
    void onDamage(long firstIndex, StorageException failure) {
        long index = firstUnreadable(firstIndex, replica.log.lastIndex());
        if (index > 0) {
            add(index, String.valueOf(failure.getMessage()));
            ask();
        }
    }

    /// A read through an index found damage somewhere: looks for it, piece by piece.
    void search() {
        if (searchAt == Long.MAX_VALUE) {
            searchAt = 1;
            replica.wakeBy(replica.host.now());
        }
    }

    private void searchOn() {
        long last = replica.log.lastIndex();
        long bytes = 0;
        while (searchAt <= last && bytes < SEARCH_BYTES) {
            try {
                for (Entry entry : replica.log.entries(searchAt, last, SEARCH_BYTES)) {
                    bytes += entry.lengthBytes();
                    searchAt = entry.index() + 1;
                }
            } catch (StorageException e) {
                long index = firstUnreadable(searchAt, last);
                if (index < 0) {
                    break;
                }
                add(index, String.valueOf(e.getMessage()));
                searchAt = index + 1;
            }
        }
        if (searchAt > last) {
            searchAt = Long.MAX_VALUE;
            ask();
        } else {
            replica.wakeBy(replica.host.now() + SEARCH_PAUSE_NANOS);
        }
    }

    private void add(long index, String found) {
        if (damaged.contains(index)) {
            return;
        }
        replica.host.record(new EngineEvent.Damaged(replica.id, index, index));
        if (index > replica.log.watermark().index()) {
            // Nobody else may have it, and this replica may have acknowledged it.
            replica.halt(
                    "damage at index " + index + " above the watermark: " + found,
                    AppendResult.Indeterminate.Cause.STORAGE_FAILED);
            return;
        }
        damaged.add(index);
        replica.publish();
    }

    private long firstUnreadable(long firstIndex, long lastIndex) {
        for (long index = firstIndex; index <= lastIndex; index++) {
            try {
                replica.log.entries(index, index, 1);
            } catch (StorageException e) {
                return index;
            }
        }
        return -1;
    }

    private void ask() {
        if (damaged.isEmpty()) {
            retryAt = Long.MAX_VALUE;
            return;
        }
        if (askedIndex != damaged.getFirst()) {
            askedIndex = damaged.getFirst();
            retryNanos = replica.host.settings().timings().resendNanos();
        }
        List<NodeId> others = new ArrayList<>();
        for (NodeId member : replica.members()) {
            if (!member.equals(replica.self)) {
                others.add(member);
            }
        }
        if (others.isEmpty()) {
            return;
        }
        long last = askedIndex;
        while (damaged.contains(last + 1)) {
            last++;
        }
        NodeId from = others.get(Math.floorMod(turn, others.size()));
        replica.send(
                from,
                Lane.CONTROL,
                new PartitionSyncRequest(
                        replica.header(),
                        Purpose.REPAIR,
                        new LogPosition(askedIndex - 1, replica.log.epochAt(askedIndex - 1)),
                        last));
        retryAt = replica.host.now() + retryNanos;
        retryNanos = Math.min(2 * retryNanos, replica.host.settings().timings().resendMaxNanos());
        replica.wakeBy(retryAt);
    }

    void onPage(Run sender, PartitionSyncResponse page) {
        boolean repaired = false;
        for (Entry entry : page.entries()) {
            if (damaged.contains(entry.index())
                    && replica.log.epochAt(entry.index()) == entry.epoch()
                    && entry.index() <= page.sourceLast().index()
                    && replica.log.repair(entry)) {
                damaged.remove(entry.index());
                replica.host.record(new EngineEvent.Repaired(replica.id, entry.index()));
                repaired = true;
            }
        }
        if (repaired) {
            replica.publish();
            ask();
            replica.onContactChanged();
        }
    }

    void onTimer(long nowNanos) {
        if (searchAt != Long.MAX_VALUE) {
            searchOn();
        }
        if (nowNanos >= retryAt) {
            turn++;
            ask();
        } else if (retryAt != Long.MAX_VALUE) {
            replica.wakeBy(retryAt);
        }
    }
}
