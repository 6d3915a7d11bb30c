package io.ridgeline.storage.file;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.storage.file.index.Rows;
import io.ridgeline.storage.file.segment.Location;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Judges which replicas of a bucket may have forgotten something that they once told others. Such
/// a replica becomes blank: it keeps what is confirmed, under a new storage id.
final class Blanks {
    private final Map<PartitionId, String> reasons = new HashMap<>();
    private final Set<Log> unsure = new HashSet<>();
    private @Nullable String gap;

    boolean isEmpty() {
        return reasons.isEmpty();
    }

    boolean contains(PartitionId partition) {
        return reasons.containsKey(partition);
    }

    /// The log is damaged there: what follows may not be all that was.
    ///
    /// @param withControls whether hard states may be lost with it
    void gap(Collection<Log> logs, boolean withControls, String where) {
        unsure.addAll(logs);
        gap = where;
        if (withControls) {
            addAll(logs, "hard state or end of the log may be lost: damage at " + where);
        }
    }

    /// A header tells how far all logs go.
    void endGap() {
        gap = null;
    }

    /// What follows in a log is known again.
    void nowSure(Log log) {
        unsure.remove(log);
    }

    /// A log was begun anew: what it had forgotten does not matter.
    void begun(Log log) {
        nowSure(log);
        reasons.remove(log.partition);
    }

    /// All of them have forgotten something.
    void addAll(Collection<Log> logs, String reason) {
        logs.forEach(log -> add(log, reason));
    }

    private void add(Log log, String reason) {
        reasons.putIfAbsent(log.partition, reason);
    }

    /// The whole log was read.
    void judge(Collection<Log> logs, LastBatch lastBatch) {
        addAll(unsure, "the end of the log may be lost: damage at " + gap);
        for (Log log : logs) {
            LogPosition last = lastBatch.last(log);
            if (log.watermark.index() > last.index()) {
                add(log, "the log ends at " + last + ", confirmed was " + log.watermark);
                log.watermark = log.last;
            }
            unconfirmedHoles(log);
        }
    }

    /// What is missing above the watermark may never have been confirmed: nobody can repair it.
    private void unconfirmedHoles(Log log) {
        Rows rows = log.rows;
        long index = Math.max(rows.firstIndex(), log.watermark.index() + 1);
        while (rows.holds(index)) {
            if (rows.location(index) == Location.NOWHERE) {
                add(log, "entry " + index + " is lost, confirmed is " + log.watermark);
            }
            index++;
        }
    }

    /// Lets a replica forget what is not confirmed, if it is one of them.
    ///
    /// @param storageIds makes its new one
    void apply(Log log, Supplier<UUID> storageIds, HardState initial) {
        @Nullable String reason = reasons.get(log.partition);
        if (reason == null) {
            return;
        }
        log.storageId = storageIds.get();
        long kept = Math.min(log.watermark.index(), log.last.index());
        for (long index = log.rows.firstIndex(); index <= kept; index++) {
            if (log.rows.location(index) == Location.NOWHERE) {
                kept = index - 1;
            }
        }
        if (kept < log.last.index()) {
            log.truncated(kept);
        }
        if (log.watermark.index() > kept) {
            log.watermark = log.last;
        }
        log.hardState = initial;
        log.damage.blank(reason);
    }
}
