package io.ridgeline.simulation.cluster;

import io.ridgeline.engine.Published;
import io.ridgeline.engine.Shard;
import io.ridgeline.simulation.time.EventQueue;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.storage.StorageException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A node: a disk that outlives processes, and at most one process, whose loop owns a shard the way
/// the runtime does: take inputs, end the turn, sync if something is dirty, end the turn again.
///
/// Between append and sync time passes, and the process may crash, stand still or, with overlapping
/// syncs, go on with other inputs.
public final class SimNode {
    private static final int INPUTS_PER_TURN = 64;
    private static final long TURN_NANOS = 2_000;
    private static final long SYNC_POLL_NANOS = 1_000_000;
    private static final long PAUSE_NOTICED_NANOS = 100_000_000;

    /// One input of the shard.
    interface Input {
        void give(Shard shard, long nowNanos);
    }

    private final int index;
    private final NodeId id;
    private final EventQueue queue;
    private final Seeded random;
    private final NodeStore store;
    private final boolean overlapping;
    private final long syncNanos;
    private final Deque<Input> inbox = new ArrayDeque<>();
    private final SortedMap<PartitionId, Published> published = new TreeMap<>();
    private @Nullable Shard shard;
    private @Nullable Run run;
    private int generation;
    private long nanoBase;
    private long timerAt = Long.MAX_VALUE;
    private boolean turnScheduled;
    private boolean syncing;
    private boolean syncDone;
    private int syncMark;
    private long pausedSince = -1;
    private long slowSyncNanos;
    private long stalledUntil;
    private long wallOffsetMillis;
    private boolean storageFailed;
    private boolean maintenanceDue;

    SimNode(
            int index,
            NodeId id,
            EventQueue queue,
            Seeded random,
            NodeStore store,
            boolean overlapping,
            long syncNanos) {
        this.index = index;
        this.id = id;
        this.queue = queue;
        this.random = random;
        this.store = store;
        this.overlapping = overlapping;
        this.syncNanos = syncNanos;
    }

    /// {@return its number, from 0}
    public int index() {
        return index;
    }

    /// {@return its name}
    public NodeId id() {
        return id;
    }

    /// {@return its disk and what is opened on it}
    public NodeStore store() {
        return store;
    }

    /// {@return whether a process runs}
    public boolean isUp() {
        return shard != null;
    }

    /// {@return whether the disk failed under the running process}
    public boolean isStorageFailed() {
        return storageFailed;
    }

    /// {@return counts the processes}
    public int generation() {
        return generation;
    }

    /// {@return the running process, or the last one}
    public Run run() {
        Run known = run;
        if (known == null) {
            throw new IllegalStateException(id + " never ran");
        }
        return known;
    }

    /// {@return the shard of the running process}
    public @Nullable Shard shard() {
        return shard;
    }

    /// {@return what readers know of a partition, or null}
    public @Nullable Published published(PartitionId partition) {
        return published.get(partition);
    }

    void publish(PartitionId partition, Published state) {
        published.put(partition, state);
    }

    long nowNanos() {
        return queue.now() + nanoBase;
    }

    long wallMillis() {
        return Cluster.START_MILLIS + queue.now() / 1_000_000 + wallOffsetMillis;
    }

    void jumpClock(long millis) {
        wallOffsetMillis += millis;
    }

    void begin(Run newRun, Shard newShard) {
        generation++;
        run = newRun;
        shard = newShard;
        // A monotonic clock has no origin; negative values are as good as others.
        nanoBase = random.between(-1_000_000_000_000L, 1_000_000_000_000L);
        timerAt = Long.MAX_VALUE;
        turnScheduled = false;
        syncing = false;
        syncDone = false;
        pausedSince = -1;
        storageFailed = false;
        maintenanceDue = false;
        inbox.clear();
        published.clear();
        give((s, now) -> s.start(now));
    }

    /// The process ends, without a word.
    void end() {
        generation++;
        shard = null;
        inbox.clear();
        published.clear();
        store.letGo();
    }

    /// Gives an input to the process, if one runs.
    void give(Input input) {
        if (shard != null) {
            inbox.add(input);
            wake();
        }
    }

    boolean isPaused() {
        return pausedSince >= 0;
    }

    /// Stands still, as with SIGSTOP.
    public void pause() {
        if (!isPaused()) {
            pausedSince = queue.now();
        }
    }

    /// Goes on after it stood still.
    public void resume() {
        if (!isPaused()) {
            return;
        }
        long nanos = queue.now() - pausedSince;
        pausedSince = -1;
        if (shard != null && nanos >= PAUSE_NOTICED_NANOS) {
            inbox.addFirst((s, now) -> s.onPaused(nanos, now));
        }
        if (syncDone) {
            onSyncDone(generation);
        }
        wake();
    }

    /// Makes each sync longer by so much.
    public void slowSyncs(long nanos) {
        slowSyncNanos = nanos;
    }

    /// No sync ends before that time.
    public void stallUntil(long nanos) {
        stalledUntil = nanos;
    }

    private boolean isBusy() {
        return syncing && !overlapping;
    }

    private void wake() {
        if (shard == null || turnScheduled || isPaused() || isBusy()) {
            return;
        }
        turnScheduled = true;
        int during = generation;
        queue.after(TURN_NANOS, () -> turn(during));
    }

    private void turn(int during) {
        @Nullable Shard own = shard;
        if (own == null || during != generation) {
            return;
        }
        turnScheduled = false;
        if (isPaused() || isBusy()) {
            return;
        }
        long now = nowNanos();
        for (int i = 0; i < INPUTS_PER_TURN && !inbox.isEmpty(); i++) {
            inbox.remove().give(own, now);
        }
        if (own.nextTimerNanos() <= now) {
            own.onTimer(now);
        }
        own.endTurn(now);
        afterTurn(own);
    }

    private void afterTurn(Shard own) {
        if (!syncing && !storageFailed && store.isDirty()) {
            beginSync();
        }
        if (!inbox.isEmpty()) {
            wake();
        }
        scheduleTimer(own);
        if (!storageFailed && maintenanceDue && random.chance(0.05)) {
            try {
                maintenanceDue = store.maintain();
            } catch (StorageException failure) {
                onStorageFailed(own, failure);
            }
        }
    }

    private void onStorageFailed(Shard own, StorageException failure) {
        storageFailed = true;
        long now = nowNanos();
        own.onStorageFailed(failure, now);
        own.endTurn(now);
        scheduleTimer(own);
        wake();
    }

    private void scheduleTimer(Shard own) {
        long next = own.nextTimerNanos();
        if (next == Long.MAX_VALUE) {
            return;
        }
        // A shard wants its turn at once while something is dirty, which a running sync is for.
        long soonest = queue.now() + (syncing ? SYNC_POLL_NANOS : 0);
        long at = Math.max(soonest, next - nanoBase);
        if (at < timerAt || timerAt <= queue.now()) {
            timerAt = at;
            int during = generation;
            queue.at(
                    at,
                    () -> {
                        if (during == generation && timerAt == at) {
                            timerAt = Long.MAX_VALUE;
                            wake();
                        }
                    });
        }
    }

    private void beginSync() {
        syncing = true;
        // As a node's loop does: again after each write, until the storage says that it is done.
        maintenanceDue = true;
        syncMark = overlapping ? store.beginSync() : 0;
        int during = generation;
        long nanos = syncNanos / 2 + random.between(0, syncNanos) + slowSyncNanos;
        queue.at(
                Math.max(
                        queue.now() + nanos, Math.min(stalledUntil, queue.now() + 60_000_000_000L)),
                () -> onSyncDone(during));
    }

    private void onSyncDone(int during) {
        @Nullable Shard own = shard;
        if (own == null || during != generation || !syncing) {
            return;
        }
        if (isPaused()) {
            syncDone = true;
            return;
        }
        syncDone = false;
        syncing = false;
        long now = nowNanos();
        try {
            if (overlapping) {
                store.completeSync(syncMark);
            } else {
                store.sync();
            }
        } catch (StorageException failure) {
            onStorageFailed(own, failure);
            return;
        }
        own.onSynced(now);
        own.endTurn(now);
        afterTurn(own);
        wake();
    }
}
