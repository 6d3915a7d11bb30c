package io.ridgeline.simulation.disk;

/// What a storage must do; each can be switched off, which makes a mutant that the checker must
/// find (protocol review, sections 1 and 2).
public enum DiskRule {
    /// Durability names entries, not numbers: truncation lowers it at once (C7).
    DURABLE_FOLLOWS_TRUNCATION,
    /// An older copy never stands in for an unreadable hard state (C8).
    HARD_STATE_IS_NEWEST,
    /// A disk without its memory gets a new storage id (C9).
    NEW_ID_WHEN_EMPTY,
    /// What is recovered from the page cache is synced before it counts (C11).
    RECOVERED_IS_SYNCED,
    /// Only what was never durable is cut as torn (C12).
    ONLY_TORN_IS_CUT,
    /// Indexes forget what was truncated (C14).
    INDEXES_FOLLOW_TRUNCATION,
    /// The saved watermark is never above the durable log (H9).
    WATERMARK_WITHIN_DURABLE,
    /// A failed fsync is never retried.
    FAILED_SYNC_STOPS,
    /// Success is reported only after the disk has the bytes.
    SYNC_IS_REAL,
    /// What is read is compared with its checksum (promise 8).
    READS_ARE_VERIFIED,
    /// Space for hard states and epoch starts is kept apart (H18).
    SPACE_IS_RESERVED,
    /// What was truncated does not come back after a later sync.
    TRUNCATION_IS_DURABLE
}
