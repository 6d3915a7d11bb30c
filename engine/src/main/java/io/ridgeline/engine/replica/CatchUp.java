package io.ridgeline.engine.replica;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.Purpose;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.transport.Lane;
import org.jspecify.annotations.Nullable;

/// Asks one source for page after page, one at a time, until the log ends where the source's does.
final class CatchUp {
    private final PartitionReplica replica;
    private final Purpose purpose;
    private @Nullable NodeId source;
    private LogPosition asked = LogPosition.NONE;
    private boolean waitsForSync;
    private long retryAt = Long.MAX_VALUE;
    private long retryNanos;

    CatchUp(PartitionReplica replica, Purpose purpose) {
        this.replica = replica;
        this.purpose = purpose;
    }

    boolean isActive() {
        return source != null;
    }

    boolean isFrom(NodeId node) {
        return node.equals(source);
    }

    /// Begins, unless it is under way from the same source.
    void begin(NodeId from) {
        if (from.equals(source)) {
            return;
        }
        source = from;
        waitsForSync = false;
        retryNanos = replica.host.settings().timings().resendNanos();
        replica.host.record(
                new EngineEvent.CatchUpStarted(replica.id, from, replica.log.lastIndex() + 1));
        ask(replica.log.last());
    }

    void end() {
        source = null;
        retryAt = Long.MAX_VALUE;
    }

    private void ask(LogPosition previous) {
        NodeId from = source;
        if (from == null) {
            return;
        }
        asked = previous;
        retryAt = replica.host.now() + retryNanos;
        replica.wakeBy(retryAt);
        replica.send(
                from,
                Lane.CONTROL,
                new PartitionSyncRequest(replica.header(), purpose, previous, 0));
    }

    /// Whether a page is the one that was asked for.
    boolean expects(Run sender, PartitionSyncResponse page) {
        return page.purpose() == purpose
                && sender.node().equals(source)
                && page.previous().equals(asked)
                && !waitsForSync;
    }

    /// The source does not have the entry before: ask further back, behind what is confirmed.
    void onMismatch(PartitionSyncResponse page) {
        long back = Math.min(page.conflictIndex() - 1, asked.index() - 1);
        long index = Math.max(back, replica.log.watermark().index());
        if (index >= asked.index()) {
            // The source does not even have what is confirmed here.
            end();
            return;
        }
        ask(new LogPosition(index, replica.log.epochAt(index)));
    }

    /// A page was applied.
    void onApplied(PartitionSyncResponse page) {
        retryNanos = replica.host.settings().timings().resendNanos();
        if (replica.log.lastIndex() >= page.sourceLast().index()) {
            end();
        } else if (replica.log.isDirty()) {
            // The disk sets the pace.
            waitsForSync = true;
            retryAt = Long.MAX_VALUE;
        } else {
            ask(endOf(page));
        }
    }

    private LogPosition endOf(PartitionSyncResponse page) {
        // Not the own end: behind what the page shows may stand a tail that differs.
        return page.entries().isEmpty() ? page.previous() : page.entries().getLast().position();
    }

    void onDurable() {
        if (waitsForSync) {
            waitsForSync = false;
            ask(replica.log.last());
        }
    }

    void onTimer(long nowNanos) {
        if (source == null || retryAt == Long.MAX_VALUE) {
            return;
        }
        if (retryAt > nowNanos) {
            replica.wakeBy(retryAt);
            return;
        }
        retryNanos = Math.min(2 * retryNanos, replica.host.settings().timings().resendMaxNanos());
        LogPosition again = asked.index() <= replica.log.lastIndex() ? asked : replica.log.last();
        ask(new LogPosition(again.index(), replica.log.epochAt(again.index())));
    }
}
