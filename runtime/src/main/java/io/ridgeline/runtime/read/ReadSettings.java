package io.ridgeline.runtime.read;

import io.ridgeline.runtime.config.RidgelineConfig;
import java.time.Duration;

/// How reads are served.
///
/// @param threads that read and send
/// @param pageBytes read and sent at a time
/// @param timeout how long a read may wait for what it must see
/// @param checkpointInterval between checkpoints of a subscription that makes progress
/// @param subscriptionsMax open at a time
public record ReadSettings(
        int threads,
        int pageBytes,
        Duration timeout,
        Duration checkpointInterval,
        int subscriptionsMax) {

    /// {@return what is configured}
    ///
    /// @param processors of the machine
    public static ReadSettings of(RidgelineConfig config, int processors) {
        String threads = config.reads().threads();
        return new ReadSettings(
                threads.equals("auto") ? Math.max(2, processors) : Integer.parseInt(threads),
                Math.toIntExact(config.reads().pageBytes().asLongValue()),
                config.timings().readTimeout(),
                config.reads().checkpointInterval(),
                config.limits().subscriptions());
    }
}
