package io.ridgeline.engine;

import io.ridgeline.spi.PartitionId;
import java.util.function.Consumer;

/// Asks up to which position a read may be served, and waits until it may.
///
/// @param deadlineNanos on the clock that the shard is handed
/// @param reply called exactly once on the shard's thread; must not call the shard
public record ReadIndexRequest(
        PartitionId partition, Level level, long deadlineNanos, Consumer<ReadIndexResult> reply) {

    /// How fresh the read must be. `LOCAL` reads need no request.
    public sealed interface Level {
        /// Contains everything that was acknowledged before the request came. Coordinator only.
        record Linearizable() implements Level {}

        /// Contains at least what the caller has seen: waits for it here.
        ///
        /// @param history of the caller's position
        /// @param sequence last one that the caller has seen; −1 for nothing
        record Session(int history, long sequence) implements Level {}
    }
}
