package io.ridgeline.client;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Bounds what is queued and unanswered, in bytes and appends. One append that alone is larger than
/// the bound is let through when nothing else is under way.
final class Budget {
    private final long bytesMax;
    private final int countMax;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();

    Budget(long bytesMax, int countMax) {
        this.bytesMax = bytesMax;
        this.countMax = countMax;
    }

    boolean tryAcquire(int size) {
        if (count.incrementAndGet() > countMax) {
            release(1, 0);
            return false;
        }
        long now = bytes.addAndGet(size);
        if (now > bytesMax && now != size) {
            release(1, size);
            return false;
        }
        return true;
    }

    /// Takes room that may not be there.
    void force(int size) {
        count.incrementAndGet();
        bytes.addAndGet(size);
    }

    /// Waits for room.
    ///
    /// @return false if the deadline passed
    boolean acquire(int size, long deadlineNanos) throws InterruptedException {
        if (tryAcquire(size)) {
            return true;
        }
        lock.lockInterruptibly();
        waiting.incrementAndGet();
        try {
            while (!tryAcquire(size)) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                released.awaitNanos(left);
            }
            return true;
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }

    void release(int appends, long size) {
        bytes.addAndGet(-size);
        count.addAndGet(-appends);
        if (waiting.get() > 0) {
            lock.lock();
            try {
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    int count() {
        return count.get();
    }
}
