package io.ridgeline.spi.storage;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;

/// What a replica must never forget: the highest epoch that it promised and to whom, and the
/// history that it belongs to.
///
/// @param promisedEpoch 0 for none yet
/// @param promisedTo the run that asked; with epoch 0, the replica's own node at time 0
/// @param history raised by a last-resort repair only; 0 at first
public record HardState(long promisedEpoch, Run promisedTo, int history) {

    /// {@return the state of a replica that never promised}
    public static HardState initial(NodeId self) {
        return new HardState(0, new Run(self, 0), 0);
    }
}
