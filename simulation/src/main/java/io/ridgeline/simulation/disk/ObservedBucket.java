package io.ridgeline.simulation.disk;

import io.ridgeline.simulation.checker.Checker;
import io.ridgeline.simulation.checker.Violation;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.Condition;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.LogPosition;
import io.ridgeline.spi.storage.PartitionLog;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A real bucket whose promises are noted: what it called durable must be there whenever it is
/// opened again, unless it says that it is blank.
public final class ObservedBucket implements LogBucket, Chains {

    /// What a bucket has called durable, kept over its processes.
    public static final class Synced {
        private record Last(UUID storageId, LogPosition position, long promisedEpoch) {}

        private final SortedMap<PartitionId, Last> last = new TreeMap<>();

        /// The disk was replaced, or damaged: nothing is promised any more.
        public void forget() {
            last.clear();
        }
    }

    private final int node;
    private final LogBucket bucket;
    private final Checker checker;
    private final Synced synced;
    private final SortedMap<PartitionId, ObservedLog> logs = new TreeMap<>();

    /// Checks what an opened bucket has recovered.
    public ObservedBucket(int node, LogBucket bucket, Checker checker, Synced synced) {
        this.node = node;
        this.bucket = bucket;
        this.checker = checker;
        this.synced = synced;
        for (PartitionId partition : bucket.partitions()) {
            ObservedLog log = observed(partition);
            check(partition, log);
            log.onSynced();
        }
    }

    private void check(PartitionId partition, PartitionLog log) {
        Synced.@Nullable Last promised = synced.last.get(partition);
        if (promised == null || log.state().condition() instanceof Condition.Blank) {
            return;
        }
        boolean there =
                log.state().storageId().equals(promised.storageId())
                        && log.epochAt(promised.position().index()) == promised.position().epoch()
                        && log.state().hardState().promisedEpoch() >= promised.promisedEpoch();
        if (!there) {
            throw new Violation(
                    "what was synced is there",
                    "node %d, partition %s: %s was durable, found is %s"
                            .formatted(node, partition, promised, log.state()));
        }
    }

    private ObservedLog observed(PartitionId partition) {
        ObservedLog log = logs.get(partition);
        if (log == null) {
            log = new ObservedLog(node, partition, bucket.open(partition), checker);
            logs.put(partition, log);
        }
        return log;
    }

    @Override
    public long chainAt(PartitionId partition, long index) {
        ObservedLog log = logs.get(partition);
        if (log == null || log.epochAt(index) < 0) {
            return index == 0 ? 0 : -1;
        }
        return checker.chainOf(partition, new LogPosition(index, log.epochAt(index)));
    }

    @Override
    public SortedSet<PartitionId> partitions() {
        return bucket.partitions();
    }

    @Override
    public PartitionLog open(PartitionId partition) {
        return observed(partition);
    }

    @Override
    public boolean isDirty() {
        return bucket.isDirty();
    }

    @Override
    public void sync() {
        bucket.sync();
        logs.forEach((partition, log) -> {
            log.onSynced();
            synced.last.put(
                    partition,
                    new Synced.Last(
                            log.state().storageId(),
                            log.state().durable(),
                            log.state().hardState().promisedEpoch()));
        });
    }

    @Override
    public boolean maintain() {
        return bucket.maintain();
    }

    @Override
    public long clientBytesFree() {
        return bucket.clientBytesFree();
    }

    @Override
    public void close() {
        bucket.close();
    }
}
