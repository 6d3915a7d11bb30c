package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.storage.LogPosition;
import org.jspecify.annotations.Nullable;

/// What readers may know of a partition on this node.
///
/// @param coordinator as far as it is known here
/// @param epoch the coordinator's, or the highest promised
/// @param watermark the highest confirmed position here; never goes back within a run
/// @param lastSequence the last confirmed sequence there; −1 for none
/// @param readable whether the confirmed prefix is whole: false while damage is repaired
public record Published(
        @Nullable NodeId coordinator,
        long epoch,
        int history,
        LogPosition watermark,
        long lastSequence,
        Role role,
        boolean readable) {}
