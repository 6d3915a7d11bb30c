package io.ridgeline.runtime.shard;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Hands inputs from any thread to the one that owns a shard, or, while that one sleeps, lends the
/// shard to a guest. A wake-up costs more than the rest of a hand-over, so the owner is woken only
/// if it sleeps and nobody else is at it.
///
/// Holds as much as its senders may have on the way: appends are admitted by [Admission], messages
/// of peers by [PeerInbox].
final class Mailbox {
    /// Who may run the shard. Whoever sets it hands over all that he did.
    private enum Holder {
        OWNER,
        NOBODY,
        GUEST
    }

    private final ConcurrentLinkedQueue<ShardInput> inputs = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Holder> holder = new AtomicReference<>(Holder.OWNER);
    private volatile @Nullable Thread owner;

    /// Whether the owner is up and waits for a guest to leave.
    private volatile boolean ownerWaits;

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
        if (holder.get() == Holder.NOBODY && holder.compareAndSet(Holder.NOBODY, Holder.OWNER)) {
            LockSupport.unpark(owner);
        }
    }

    /// Takes the shard for the calling thread if the owner sleeps and nothing waits: whatever the
    /// caller had put before is done by then.
    ///
    /// @return whether it has it; then it must [#leave]
    boolean enter() {
        return inputs.isEmpty() && holder.compareAndSet(Holder.NOBODY, Holder.GUEST);
    }

    /// Gives the shard back.
    ///
    /// @param wakeOwner whether the owner has something to do now though nothing is put
    void leave(boolean wakeOwner) {
        if (wakeOwner) {
            // Handed over, not left: another guest could come first, and would wake nobody.
            holder.set(Holder.OWNER);
            LockSupport.unpark(owner);
            return;
        }
        holder.set(Holder.NOBODY);
        // Those who put something meanwhile woke nobody.
        if (ownerWaits || !inputs.isEmpty()) {
            wake();
        }
    }

    /// {@return what waits the longest, or null; for the holder}
    @Nullable ShardInput peek() {
        return inputs.peek();
    }

    /// Takes what waits the longest; for the holder.
    @Nullable ShardInput poll() {
        return inputs.poll();
    }

    boolean isEmpty() {
        return inputs.isEmpty();
    }

    /// Sleeps until something is put, somebody wakes, or the time is over; then until no guest is
    /// there.
    ///
    /// @return when the sleep ended
    long await(long nanos) {
        holder.set(Holder.NOBODY);
        // What was put before nobody had the shard woke nobody.
        if (inputs.isEmpty()) {
            LockSupport.parkNanos(this, nanos);
        }
        long awakeNanos = System.nanoTime();
        if (!takeBack()) {
            ownerWaits = true;
            while (!takeBack()) {
                LockSupport.park(this);
            }
            ownerWaits = false;
        }
        return awakeNanos;
    }

    private boolean takeBack() {
        return holder.compareAndSet(Holder.NOBODY, Holder.OWNER) || holder.get() == Holder.OWNER;
    }
}
