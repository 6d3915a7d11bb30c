package io.ridgeline.client;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/// Runs something later on the event loop.
final class Timers {
    private Timers() {}

    /// Runs the task after the delay, unless the client is closed before.
    static void after(EventLoop loop, long delayNanos, Runnable task) {
        if (delayNanos <= 0) {
            loop.execute(task);
            return;
        }
        // A scheduled task that fails would keep that to its future; an executed one is reported.
        loop.schedule(() -> loop.execute(task), delayNanos, TimeUnit.NANOSECONDS)
                .addListener(done -> {});
    }
}
