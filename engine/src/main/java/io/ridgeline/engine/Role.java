package io.ridgeline.engine;

/// What a replica does for its partition.
public enum Role {
    /// Not a replica of the partition, or not started yet.
    NONE,
    /// Takes what a coordinator sends; votes if it is a voter.
    FOLLOWING,
    /// Asks for promises, or copies the best log.
    TAKING_OVER,
    /// Orders the writes of the partition.
    COORDINATING,
    /// Stopped by a storage failure, a violated invariant, a newer run or a higher history.
    STOPPED
}
