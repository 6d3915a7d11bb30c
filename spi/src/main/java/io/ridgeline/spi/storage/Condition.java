package io.ridgeline.spi.storage;

import java.util.List;

/// What a storage says of a replica's memory when it opens it.
public sealed interface Condition {

    /// All that was ever durable is there.
    record Clean() implements Condition {}

    /// The end of the log or the hard state is unsure, or the log is shorter than its watermark:
    /// the replica has a new storage id and must be readmitted. What is left of the log is kept for
    /// reading.
    ///
    /// @param reason for the operator
    record Blank(String reason) implements Condition {}

    /// End of log and hard state are sure; entries in these ranges cannot be read. All of them lie
    /// at or below the watermark, so that any replica can repair them.
    record Damaged(List<IndexRange> ranges) implements Condition {
        public Damaged {
            ranges = List.copyOf(ranges);
        }
    }

    /// Indexes, both inclusive.
    record IndexRange(long firstIndex, long lastIndex) {}
}
