package io.ridgeline.storage.file;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.storage.file.segment.LogScan;
import io.ridgeline.storage.file.segment.Records;
import io.ridgeline.storage.file.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Where partitions were cut, and down to which index.
final class Cuts implements LogScan.Sink {
    private final Map<PartitionId, TreeMap<Long, Long>> keptByLocation = new HashMap<>();

    /// {@return the last index that no cut behind a location drops}
    long keptAfter(PartitionId partition, long location) {
        long kept = Long.MAX_VALUE;
        TreeMap<Long, Long> cuts = keptByLocation.get(partition);
        if (cuts != null) {
            for (long each : cuts.tailMap(location, false).values()) {
                kept = Math.min(kept, each);
            }
        }
        return kept;
    }

    private void add(PartitionId partition, long location, long kept) {
        keptByLocation.computeIfAbsent(partition, _ -> new TreeMap<>()).put(location, kept);
    }

    @Override
    public void header(SegmentHeader header) {
        // A recovery cuts without a record.
        for (SegmentHeader.Partition partition : header.partitions()) {
            add(partition.partition(), header.number() << 32, partition.last().index());
        }
    }

    @Override
    public void record(ByteBuffer bytes, int at, int length, long location) {
        switch (Records.kind(bytes, at)) {
            case Records.TRUNCATE ->
                    add(Records.partition(bytes, at), location, Records.index(bytes, at));
            case Records.FORMAT -> add(Records.partition(bytes, at), location, 0);
            default -> {
                // Cuts nothing.
            }
        }
    }

    @Override
    public void gap(boolean withControls, String where) {
        // What is missing is judged when it is missed.
    }
}
