package io.ridgeline.runtime.shard;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Bounds the appends that wait for a shard or for their confirmation, in number and in bytes.
public final class Admission {
    private final int appendsMax;
    private final long bytesMax;
    private final AtomicInteger appends = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /// @param appendsMax how many at a time
    /// @param bytesMax their bytes
    public Admission(int appendsMax, long bytesMax) {
        this.appendsMax = appendsMax;
        this.bytesMax = bytesMax;
    }

    /// Takes room for one append.
    ///
    /// @return whether there was any
    public boolean enter(int appendBytes) {
        if (appends.get() >= appendsMax || bytes.get() + appendBytes > bytesMax) {
            return false;
        }
        // Two callers may pass the check at once: the bound is exceeded by a call's worth at most.
        appends.getAndIncrement();
        bytes.getAndAdd(appendBytes);
        return true;
    }

    /// Gives the room of answered appends back.
    public void leave(int count, long appendBytes) {
        appends.getAndAdd(-count);
        bytes.getAndAdd(-appendBytes);
    }

    /// {@return how many appends are inside}
    public int appends() {
        return appends.get();
    }

    /// {@return how many bytes they take}
    public long bytes() {
        return bytes.get();
    }
}
