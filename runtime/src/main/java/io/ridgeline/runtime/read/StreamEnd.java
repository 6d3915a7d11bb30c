package io.ridgeline.runtime.read;

import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.storage.Direction;

/// Finds the end of a stream.
record StreamEnd(StreamKey stream) {

    /// {@return the version that the next event of the stream gets, within a bound}
    long nextVersion(Partition partition, long lastIndex) {
        PartitionCursor last =
                new PartitionCursor(partition, stream, Direction.BACKWARD, Long.MAX_VALUE);
        long[] found = {-1};
        last.read(
                lastIndex,
                1,
                (in, transaction, event) -> {
                    found[0] = event.version();
                    return false;
                });
        return found[0] + 1;
    }
}
