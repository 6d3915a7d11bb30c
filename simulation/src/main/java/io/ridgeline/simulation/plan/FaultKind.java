package io.ridgeline.simulation.plan;

/// What can go wrong, or be done to a cluster. `target` of a [Fault] is a node, or −1 − p for
/// whoever coordinates partition p when it strikes.
public enum FaultKind {
    /// The process ends at once; the page cache survives. Restarts after the fault's time.
    CRASH,
    /// The power fails: what is not synced is lost, up to chance. Restarts after the fault's time.
    POWER_LOSS,
    /// The power of all nodes fails at once.
    POWER_LOSS_ALL,
    /// A planned stop and restart.
    STOP,
    /// Planned stops of all nodes, one after the other.
    ROLLING_RESTART,
    /// The process stands still.
    PAUSE,
    /// Nothing passes from target to other.
    CUT_ONE_WAY,
    /// Nothing passes between target and other.
    CUT,
    /// Target is alone.
    ISOLATE,
    /// Target and other are apart from the rest.
    MINORITY,
    /// Target hears nobody; all hear it.
    DEAF,
    /// Nobody hears target; it hears all.
    MUTE,
    /// Target is the only bridge between two halves.
    BRIDGE,
    /// Everybody hears two neighbours only.
    RING,
    /// The link between target and other comes and goes.
    FLAP,
    /// What target sends takes long.
    SLOW_LINKS,
    /// The disk of target takes long.
    SLOW_DISK,
    /// The disk of target does not answer.
    STALLED_DISK,
    /// The next fsync of target fails; its process restarts later.
    SYNC_ERROR,
    /// The disk of target is full.
    DISK_FULL,
    /// Bits flip in a confirmed entry of target's disk.
    DAMAGE_CONFIRMED,
    /// Bits flip in any entry of target's disk, its end included; its process restarts.
    DAMAGE_ANY,
    /// Bits flip in one copy of a hard state of target.
    DAMAGE_HARD_STATE,
    /// Target's saved watermarks are lost.
    DAMAGE_WATERMARK,
    /// Target gets an empty disk.
    WIPE,
    /// Target's wall clock jumps; matters at its next start.
    CLOCK_JUMP,
    /// A partition is handed to other, if its coordinator agrees.
    TRANSFER,
    /// A partition is handed to other by force.
    FORCED_TRANSFER,
    /// W and T of a partition change.
    CHANGE_QUORUM,
    /// Some of what target sends to other is held and arrives after several epochs.
    HOLD,
    /// All takeover requests to target are held while its disk is wiped, and arrive afterwards
    /// (protocol review, C9).
    HOLD_PAST_WIPE,
    /// An event is hidden by an operator.
    SKIP_EVENT
}
