package io.ridgeline.runtime.shard;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Hands inputs from any thread to the one that owns a shard. A wake-up costs more than the rest of
/// a hand-over, so the owner is woken only if it sleeps.
///
/// Holds as much as its senders may have on the way: appends are admitted by [Admission], messages
/// of peers by [PeerInbox].
final class Mailbox {
    private final ConcurrentLinkedQueue<ShardInput> inputs = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private volatile @Nullable Thread owner;

    /// Called once by the thread that takes.
    void own() {
        owner = Thread.currentThread();
    }

    void put(ShardInput input) {
        inputs.add(input);
        wake();
    }

    void wake() {
        // The plain read first: while the owner is busy, senders share no written cache line.
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(owner);
        }
    }

    @Nullable ShardInput poll() {
        return inputs.poll();
    }

    boolean isEmpty() {
        return inputs.isEmpty();
    }

    /// Sleeps until something is put, somebody wakes, or the time is over.
    void await(long nanos) {
        asleep.set(true);
        // What was put before the flag was set woke nobody.
        if (inputs.isEmpty()) {
            LockSupport.parkNanos(this, nanos);
        }
        asleep.set(false);
    }
}
