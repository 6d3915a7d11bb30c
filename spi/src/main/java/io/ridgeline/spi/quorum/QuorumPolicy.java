package io.ridgeline.spi.quorum;

/// Proposes quorums for a number of replicas. A pure function: the same answer for the same number
/// on every node and at every time. What a partition uses stands in its log (protocol review, C10);
/// the policy decides what is written there. Any thread may call it.
public interface QuorumPolicy {

    /// {@return the quorum for a partition of that many replicas}
    ///
    /// @param replicas N, from 1 on
    /// @throws IllegalArgumentException if the policy has no quorum for that number; the start is
    ///   refused with its message
    Quorum quorum(int replicas);
}
