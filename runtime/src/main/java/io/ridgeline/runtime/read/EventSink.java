package io.ridgeline.runtime.read;

import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.Transaction;

/// Takes events one by one.
interface EventSink {

    /// Takes the event that a cursor is at.
    ///
    /// @return whether it wants more
    boolean accept(Partition partition, Transaction transaction, Events event);
}
