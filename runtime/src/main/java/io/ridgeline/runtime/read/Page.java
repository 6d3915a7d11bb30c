package io.ridgeline.runtime.read;

import io.ridgeline.runtime.wire.ProtoOutput;

/// What a reading thread writes events to before they are sent. One for each thread and not for
/// each call, since there may be thousands of calls that wait: gRPC copies a message while it is
/// handed over, so that the next one may overwrite it.
final class Page {
    private static final int CAPACITY_BYTES = 320 << 10;
    private static final ThreadLocal<ProtoOutput> OF_THREAD =
            ThreadLocal.withInitial(() -> new ProtoOutput(CAPACITY_BYTES));

    private Page() {}

    /// {@return the thread's output, empty}
    static ProtoOutput take() {
        ProtoOutput output = OF_THREAD.get();
        output.clear();
        return output;
    }
}
