package io.ridgeline.runtime.read;

import io.ridgeline.runtime.refusal.Refusal;

/// How far a read sees, or why it is refused.
sealed interface Bound {

    /// Up to here.
    ///
    /// @param index of the last entry of this node's log
    record Upto(long index) implements Bound {}

    /// Not at all.
    ///
    /// @param refusal what the reader is told
    record Refused(Refusal refusal) implements Bound {}
}
