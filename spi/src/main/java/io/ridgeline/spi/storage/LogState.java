package io.ridgeline.spi.storage;

import java.util.UUID;

/// Where a partition's log stands, its unsynced tail included.
///
/// @param storageId made at random when the replica's data was formatted, and anew whenever it
///   becomes blank; tells a returning disk from an empty one
/// @param last the last entry; [LogPosition#NONE] in an empty log
/// @param durable the last entry that a successful sync covers; at or before `last`
/// @param nextSequence the sequence that the next event gets, from 0
/// @param hardState as last saved
/// @param watermark the highest confirmed position that is known, at or before `last`; may be
///   behind the truth after a restart, never ahead
/// @param condition of the memory
public record LogState(
        UUID storageId,
        LogPosition last,
        LogPosition durable,
        long nextSequence,
        HardState hardState,
        LogPosition watermark,
        Condition condition) {}
