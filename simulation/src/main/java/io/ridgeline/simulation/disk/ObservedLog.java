package io.ridgeline.simulation.disk;

import io.ridgeline.simulation.checker.Checker;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.EventLocation;
import io.ridgeline.spi.storage.HardState;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.LogReader;
import io.ridgeline.spi.storage.LogState;
import io.ridgeline.spi.storage.PartitionLog;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A real log that tells the checker what is appended and synced.
final class ObservedLog implements PartitionLog {
    private final int node;
    private final PartitionId partition;
    private final PartitionLog log;
    private final Checker checker;
    private HardState reported;

    /// The first index that the checker has not heard to be durable.
    private long nextDurable = 1;

    ObservedLog(int node, PartitionId partition, PartitionLog log, Checker checker) {
        this.node = node;
        this.partition = partition;
        this.log = log;
        this.checker = checker;
        this.reported = log.state().hardState();
    }

    void onSynced() {
        LogState state = log.state();
        if (!state.hardState().equals(reported)) {
            reported = state.hardState();
            checker.onHardState(node, partition, state.storageId(), reported);
        }
        long promised = reported.promisedEpoch();
        while (nextDurable <= state.durable().index()) {
            LogPosition position = new LogPosition(nextDurable, log.epochAt(nextDurable));
            checker.onStable(partition, state.storageId(), position, promised);
            nextDurable++;
        }
    }

    @Override
    public LogState state() {
        return log.state();
    }

    @Override
    public void append(Entry entry) {
        long before = checker.chainOf(partition, log.state().last());
        log.append(entry);
        checker.onAppended(node, partition, entry, before, LogImage.chain(before, entry));
    }

    @Override
    public void truncateAfter(long lastIndex) {
        @Nullable Entry first =
                lastIndex < log.state().last().index()
                        ? log.reader().entries(lastIndex + 1, lastIndex + 1, 1).getFirst()
                        : null;
        log.truncateAfter(lastIndex);
        nextDurable = Math.min(nextDurable, lastIndex + 1);
        checker.onTruncated(node, partition, log.state().storageId(), first);
    }

    @Override
    public void saveHardState(HardState hardState) {
        log.saveHardState(hardState);
    }

    @Override
    public void confirm(LogPosition watermark) {
        log.confirm(watermark);
    }

    @Override
    public void format() {
        log.format();
        nextDurable = 1;
        reported = log.state().hardState();
        checker.onTruncated(node, partition, log.state().storageId(), null);
    }

    @Override
    public boolean repair(Entry entry) {
        return log.repair(entry);
    }

    @Override
    public long epochAt(long index) {
        return log.epochAt(index);
    }

    @Override
    public Optional<Entry> configuration(long lastIndex) {
        return log.configuration(lastIndex);
    }

    @Override
    public long lastVersion(StreamKey stream) {
        return log.lastVersion(stream);
    }

    @Override
    public Optional<EventLocation> find(String partitionKey, UUID id) {
        return log.find(partitionKey, id);
    }

    @Override
    public LogReader reader() {
        return log.reader();
    }
}
