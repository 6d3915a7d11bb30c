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
    sealed interface Answer {

        /// {@return whether it says for certain whether the ids are there, whatever an earlier call
        /// may have done}
        default boolean isDecisive() {
            return this instanceof Acknowledged
                    || (this instanceof NothingHappened nothing && nothing.isConflict());
        }
    }

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
    record NothingHappened(String why) implements Answer {
        private static final String CONFLICT = "conflict ";

        static NothingHappened conflict(long currentVersion) {
            return new NothingHappened(CONFLICT + currentVersion);
        }

        boolean isConflict() {
            return why.startsWith(CONFLICT);
        }

        /// {@return the version of the stream that the append conflicted with}
        long currentVersion() {
            return Long.parseLong(why.substring(CONFLICT.length()));
        }
    }

    /// It may have happened.
    record Unknown(String why) implements Answer {}
}
