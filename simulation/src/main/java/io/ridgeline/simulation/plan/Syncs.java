package io.ridgeline.simulation.plan;

/// What a node does while its disk syncs, and what the storage calls durable afterwards.
public enum Syncs {
    /// The node waits.
    BLOCKING,

    /// The node takes inputs, which may cut what is being synced. Durable is what was synced and is
    /// still there.
    OVERLAPPING,

    /// The same; durable is the last entry that was synced, even if it was cut meanwhile. Who reads
    /// that compares epochs (C7).
    OVERLAPPING_BY_NAME
}
