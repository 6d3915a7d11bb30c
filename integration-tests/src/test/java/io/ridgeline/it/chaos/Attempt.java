package io.ridgeline.it.chaos;

import io.ridgeline.client.AppendResult;
import java.util.List;
import java.util.UUID;

/// What a client tried to write, and what it was told.
///
/// @param key the partition key
/// @param stream of all events
/// @param ids of the events
/// @param sentNanos before it was first sent
/// @param answeredNanos after the last answer
/// @param answer the last one
record Attempt(
        String key,
        String stream,
        List<UUID> ids,
        long sentNanos,
        long answeredNanos,
        Answer answer) {
    Attempt {
        ids = List.copyOf(ids);
    }

    /// What a client was told.
    sealed interface Answer {}

    /// It is there, and where.
    record Acknowledged(
            int partition,
            long firstSequence,
            long lastSequence,
            long lastVersion,
            boolean duplicate)
            implements Answer {
        static Acknowledged of(AppendResult result) {
            return new Acknowledged(
                    result.partition(),
                    result.firstSequence(),
                    result.lastSequence(),
                    result.lastVersion(),
                    result.isDuplicate());
        }
    }

    /// It never happened and never will.
    record NothingHappened(String why) implements Answer {}

    /// It may have happened.
    record Unknown(String why) implements Answer {}
}
