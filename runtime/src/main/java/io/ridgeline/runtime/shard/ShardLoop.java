package io.ridgeline.runtime.shard;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Ports;
import io.ridgeline.engine.Published;
import io.ridgeline.engine.Shard;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.StorageException;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The thread that owns a bucket: it takes what has arrived, has the shard decide, writes, syncs
/// and answers. What arrives meanwhile is the next turn's, so batches grow with the load and nobody
/// waits for a timer (decision 1).
public final class ShardLoop implements Ports {
    private static final Logger LOG = Logger.getLogger(ShardLoop.class);

    private static final int TURN_INPUTS_MAX = 2_048;
    private static final int TURN_BYTES_MAX = 4 << 20;
    private static final long MAINTENANCE_NANOS = 50_000_000;
    private static final long IDLE_BEFORE_MAINTENANCE_NANOS = 25_000_000;
    private static final long IDLE_NANOS_MAX = 1_000_000_000;

    /// A thread that was away for longer than this without having asked for it was paused, and must
    /// not take its peers' silence for their death.
    private static final long PAUSE_NANOS = 250_000_000;

    /// A guest's thread has other connections to serve.
    private static final int GUEST_TURNS_MAX = 4;

    private final int bucket;
    private final LogBucket log;
    private final Transport transport;
    private final LoopListener listener;
    private final Admission admission;
    private final Mailbox mailbox = new Mailbox();
    private final Shard shard;
    private final Map<PartitionId, Partition> partitions = new TreeMap<>();
    private final Map<PartitionId, Partition> elsewhere = new TreeMap<>();
    private final List<Partition> published = new ArrayList<>();
    private final List<Runnable> afterTurn = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private final Calm calm = new Calm();

    // What follows belongs to whoever holds the shard, as the mailbox says.

    private boolean storageFailed;
    private boolean maintenanceDue;
    private long maintainedNanos;
    private boolean stopping;
    private long stopDeadlineNanos;

    /// Until when the owner sleeps.
    private long wakeNanos;

    private long diskUsedNanos;
    private @Nullable Throwable guestFailure;
    private volatile @Nullable Throwable failure;

    /// Makes a loop that is not started yet.
    ///
    /// @param makeShard makes the shard with these ports
    public ShardLoop(
            int bucket,
            LogBucket log,
            Transport transport,
            Admission admission,
            LoopListener listener,
            Function<Ports, Shard> makeShard) {
        this.bucket = bucket;
        this.log = log;
        this.transport = transport;
        this.admission = admission;
        this.listener = listener;
        shard = makeShard.apply(this);
        thread = Thread.ofPlatform().name("ridgeline-bucket-" + bucket).unstarted(this::run);
    }

    /// {@return the view of a partition of this bucket, whose log is opened}; before the start.
    ///
    /// @param replicas the nodes that hold it
    public Partition open(PartitionId id, List<NodeId> replicas) {
        return partitions.computeIfAbsent(
                id, key -> new Partition(key, this, replicas, log.open(key).reader()));
    }

    /// {@return a partition of this bucket that other nodes hold: requests for it are sent on};
    /// before the start
    ///
    /// @param replicas the nodes that hold it
    public Partition elsewhere(PartitionId id, List<NodeId> replicas) {
        return elsewhere.computeIfAbsent(id, key -> new Partition(key, this, replicas, null));
    }

    /// Starts the thread.
    public void start() {
        thread.start();
    }

    /// Hands something to the shard.
    public void submit(ShardInput input) {
        mailbox.put(input);
    }

    /// Does one append, or one small message of a peer, at once on the calling thread, if the owner
    /// sleeps and appends come one at a time: two wake-ups fewer. Hands it to the owner otherwise.
    /// What the same thread submitted before is done before it in either case.
    public void submitOrRun(ShardInput input) {
        if (!Calm.isSmall(input) || !mailbox.enter()) {
            submit(input);
            return;
        }
        if (!admitsGuest(input)) {
            mailbox.leave(false);
            submit(input);
            return;
        }
        runAsGuest(input);
    }

    private boolean admitsGuest(ShardInput input) {
        return !stopping && !storageFailed && calm.admits(input, System.nanoTime());
    }

    private void runAsGuest(ShardInput first) {
        boolean wakeOwner = true;
        try {
            int turns = 0;
            ShardInput input = first;
            while (input != null) {
                long begun = System.nanoTime();
                input.apply(shard, begun);
                finishTurn(begun, input.appends(), input.bytes());
                turns++;
                // What came during the sync: the acknowledgement of a peer, mostly. What has no
                // size, a stop for instance, is the owner's, who must be up for it.
                ShardInput next = mailbox.peek();
                boolean goesOn =
                        turns < GUEST_TURNS_MAX
                                && next != null
                                && next.appends() == 0
                                && next.bytes() > 0
                                && Calm.isSmall(next)
                                && admitsGuest(next);
                input = goesOn ? mailbox.poll() : null;
            }
            wakeOwner = nextWakeNanos() - wakeNanos < 0;
        } catch (Throwable e) {
            // The owner is woken to stop the bucket: it must not go on with whatever this is.
            guestFailure = e;
        } finally {
            mailbox.leave(wakeOwner);
        }
    }

    /// Has something done at the end of the current turn, once what it answers is durable. Called
    /// on the shard's thread, from a reply.
    public void afterTurn(Runnable task) {
        afterTurn.add(task);
    }

    /// Notes how long appends took that came together; the parameters are those of
    /// [LoopListener#onAnswered]. Called on the shard's thread.
    public void answered(long queueNanos, long confirmNanos) {
        listener.onAnswered(this, queueNanos, confirmNanos);
    }

    /// {@return what bounds the appends on their way}
    public Admission admission() {
        return admission;
    }

    /// {@return its number}
    public int bucket() {
        return bucket;
    }

    /// {@return what ended the thread though nobody asked it to; null while all is well}
    public @Nullable Throwable failure() {
        return failure;
    }

    /// Finishes what is in flight and ends the thread.
    ///
    /// @param graceNanos for how long at most
    public void stop(long graceNanos) {
        submit((shardToStop, nowNanos) -> {
            stopping = true;
            stopDeadlineNanos = nowNanos + graceNanos;
            shardToStop.stop(nowNanos);
        });
    }

    /// Waits for the thread to end.
    ///
    /// @return whether it has
    public boolean awaitEnd(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void run() {
        mailbox.own();
        try {
            shard.start(System.nanoTime());
            finishTurn(System.nanoTime(), 0, 0);
            while (!isDone()) {
                turn();
                Throwable failed = guestFailure;
                if (failed != null) {
                    throw failed;
                }
            }
            log.close();
        } catch (Throwable e) {
            // The edge of the loop: whatever it is, this bucket must not go on with it.
            failure = e;
            LOG.errorf(
                    e, "bucket %d stopped by a failure of the program; restart the node", bucket);
            listener.onLoopFailed(this, e);
        } finally {
            ended.countDown();
        }
    }

    private boolean isDone() {
        return stopping && (shard.isDrained() || System.nanoTime() - stopDeadlineNanos >= 0);
    }

    private void turn() {
        long begun = System.nanoTime();
        int inputs = 0;
        int appends = 0;
        int bytes = 0;
        while (inputs < TURN_INPUTS_MAX && bytes < TURN_BYTES_MAX) {
            ShardInput input = mailbox.poll();
            if (input == null) {
                break;
            }
            inputs++;
            bytes += input.bytes();
            appends += input.appends();
            input.apply(shard, begun);
        }
        boolean timer = shard.nextTimerNanos() - begun <= 0;
        if (timer) {
            shard.onTimer(begun);
        }
        if (inputs > 0 || timer) {
            finishTurn(begun, appends, bytes);
        }
        if (maintenanceDue && System.nanoTime() - maintainedNanos >= MAINTENANCE_NANOS) {
            maintain();
        }
        if (mailbox.isEmpty()) {
            sleep();
        }
    }

    private void finishTurn(long nowNanos, int appends, int bytes) {
        shard.endTurn(nowNanos);
        transport.flush();
        boolean writes = !storageFailed && log.isDirty();
        if (writes) {
            sync();
            maintenanceDue = true;
        }
        if (!published.isEmpty()) {
            published.forEach(Partition::tellWatcher);
            published.clear();
        }
        if (!afterTurn.isEmpty()) {
            // Replies may be asked for by what runs here only in a later turn.
            for (int i = 0; i < afterTurn.size(); i++) {
                afterTurn.get(i).run();
            }
            afterTurn.clear();
        }
        if (writes) {
            calm.onWrote(appends, bytes, System.nanoTime());
        }
        if (appends > 0) {
            listener.onTurn(this, appends, bytes);
        }
    }

    private void sync() {
        long begun = System.nanoTime();
        try {
            log.sync();
        } catch (StorageException e) {
            onStorageFailed(e);
            return;
        }
        long now = System.nanoTime();
        diskUsedNanos = now;
        calm.onSynced(now - begun);
        listener.onSynced(this, now - begun);
        shard.onSynced(now);
        shard.endTurn(now);
        transport.flush();
    }

    private void maintain() {
        maintainedNanos = System.nanoTime();
        try {
            maintenanceDue = !storageFailed && log.maintain();
            diskUsedNanos = System.nanoTime();
        } catch (StorageException e) {
            onStorageFailed(e);
            finishTurn(System.nanoTime(), 0, 0);
        }
    }

    private void onStorageFailed(StorageException failed) {
        storageFailed = true;
        maintenanceDue = false;
        shard.onStorageFailed(failed, System.nanoTime());
        shard.endTurn(System.nanoTime());
        transport.flush();
    }

    private void sleep() {
        long now = System.nanoTime();
        wakeNanos = nextWakeNanos();
        if (wakeNanos - now > 0) {
            long awakeNanos = mailbox.await(wakeNanos - now);
            // Guests may have done what there was, and a guest asks for no earlier time than this
            // without waking us.
            long late = awakeNanos - wakeNanos;
            if (late > PAUSE_NANOS) {
                shard.onPaused(late, System.nanoTime());
            }
        }
        if (guestFailure == null
                && maintenanceDue
                && mailbox.isEmpty()
                && System.nanoTime() - maintenanceNanos() >= 0) {
            maintain();
        }
    }

    /// When maintenance that is due takes place: when nothing was written for a while, or at last.
    private long maintenanceNanos() {
        long last = maintainedNanos + MAINTENANCE_NANOS;
        long idle = diskUsedNanos + IDLE_BEFORE_MAINTENANCE_NANOS;
        return idle - last < 0 ? idle : last;
    }

    private long nextWakeNanos() {
        long now = System.nanoTime();
        long nanos = IDLE_NANOS_MAX;
        long timer = shard.nextTimerNanos();
        if (timer != Long.MAX_VALUE) {
            nanos = Math.min(nanos, timer - now);
        }
        if (stopping) {
            nanos = Math.min(nanos, stopDeadlineNanos - now);
        }
        if (maintenanceDue) {
            nanos = Math.min(nanos, maintenanceNanos() - now);
        }
        return now + nanos;
    }

    @Override
    public boolean send(NodeId to, Lane lane, ByteBuffer message) {
        return transport.send(to, lane, message);
    }

    @Override
    public void published(PartitionId id, Published state) {
        Partition partition = partitions.get(id);
        if (partition != null) {
            partition.publish(state);
            published.add(partition);
        }
    }

    @Override
    public void record(EngineEvent event) {
        if (event instanceof EngineEvent.Forwarded forwarded) {
            Partition partition = elsewhere.get(forwarded.partition());
            if (partition != null) {
                partition.sentOn(forwarded.to());
            }
        }
        listener.onEvent(this, event);
    }
}
