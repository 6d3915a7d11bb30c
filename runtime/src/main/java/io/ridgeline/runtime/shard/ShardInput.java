package io.ridgeline.runtime.shard;

import io.ridgeline.engine.Shard;

/// Something for a shard to do, handed over through its mailbox.
public interface ShardInput {

    /// Does it, on the shard's thread.
    void apply(Shard shard, long nowNanos);

    /// {@return about how much work it is; a turn takes a bounded number}
    default int bytes() {
        return 0;
    }

    /// {@return how many appends it is}
    default int appends() {
        return 0;
    }
}
