package io.ridgeline.runtime.wire;

import io.ridgeline.runtime.config.RidgelineConfig;

/// What one append may be.
///
/// @param eventBytesMax data and metadata of one event
/// @param transactionBytesMax the transaction, encoded
/// @param transactionEventsMax events of one transaction
/// @param nameBytesMax a stream, type or partition key
/// @param eventTagsMax tags of one event
/// @param timeoutMillis when the caller says nothing
/// @param timeoutMillisMax the longest that a caller may ask for
public record AppendLimits(
        long eventBytesMax,
        long transactionBytesMax,
        int transactionEventsMax,
        int nameBytesMax,
        int eventTagsMax,
        long timeoutMillis,
        long timeoutMillisMax) {

    /// {@return what is configured}
    public static AppendLimits of(RidgelineConfig config) {
        RidgelineConfig.Limits limits = config.limits();
        return new AppendLimits(
                limits.eventBytes().asLongValue(),
                limits.transactionBytes().asLongValue(),
                limits.transactionEvents(),
                limits.nameBytes(),
                limits.eventTags(),
                config.timings().writeTimeout().toMillis(),
                config.timings().writeTimeoutMax().toMillis());
    }
}
