package io.ridgeline.runtime.read;

import io.ridgeline.engine.ReadIndexRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a read is to give.
///
/// @param cursors where it begins; of several, a page of each in turn
/// @param limit events at most; [Long#MAX_VALUE] for no limit
/// @param level what must be visible; null for what the node knows
record ReadPlan(
        List<PartitionCursor> cursors, long limit, ReadIndexRequest.@Nullable Level level) {}
