package io.ridgeline.runtime.wire;

import io.ridgeline.engine.AppendCondition;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.spi.event.Transaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An append as it came from a caller.
///
/// @param transaction encoded and within all limits; null if it is refused
/// @param conditions all must hold
/// @param timeoutMillis how long it may take; the configured time if the caller said nothing
/// @param bytes what it takes in the queues
/// @param refusal why it can never be accepted; null if it can
public record ParsedAppend(
        @Nullable Transaction transaction,
        List<AppendCondition> conditions,
        long timeoutMillis,
        int bytes,
        @Nullable Refusal refusal) {

    static ParsedAppend refused(Refusal refusal, int bytes) {
        return new ParsedAppend(null, List.of(), 0, bytes, refusal);
    }
}
