package io.ridgeline.storage.file;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.storage.file.segment.LogScan;
import io.ridgeline.storage.file.segment.Records;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The records of the last batch of a log, which perhaps is not durable yet.
final class LastBatch {
    private final ByteBuffer body;

    /// Where a partition is begun anew.
    private final Map<PartitionId, Integer> formats = new HashMap<>();

    LastBatch(LogScan.End end) {
        LogScan.@Nullable Unproven unproven = end.unproven();
        this.body = unproven == null ? ByteBuffer.allocate(0) : unproven.body();
        for (int at = 0; at < body.limit(); at = behind(at)) {
            if (Records.kind(body, at) == Records.FORMAT) {
                formats.put(Records.partition(body, at), at);
            }
        }
    }

    private int behind(int at) {
        return at + Records.length(body, at, body.limit());
    }

    /// Tells which partitions are begun anew, in order.
    void formats(BiConsumer<PartitionId, Records.Format> to) {
        for (int at = 0; at < body.limit(); at = behind(at)) {
            if (Records.kind(body, at) == Records.FORMAT) {
                to.accept(Records.partition(body, at), Records.format(body, at));
            }
        }
    }

    /// {@return the partition of the record at an offset}
    PartitionId partition(int at) {
        return Records.partition(body, at);
    }

    /// {@return whether its partition is begun anew behind the record at an offset}
    boolean isOfEarlierLog(int at) {
        return at < formats.getOrDefault(partition(at), 0);
    }

    /// {@return the last entry of a log if these records count}
    LogPosition last(Log log) {
        LogPosition last = log.last;
        for (int at = 0; at < body.limit(); at = behind(at)) {
            if (Records.kind(body, at) < Records.CONTROL
                    && !isOfEarlierLog(at)
                    && partition(at).equals(log.partition)
                    && Records.index(body, at) > last.index()) {
                last = new LogPosition(Records.index(body, at), Records.epoch(body, at));
            }
        }
        return last;
    }
}
