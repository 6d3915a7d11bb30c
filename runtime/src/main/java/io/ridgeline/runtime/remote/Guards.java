package io.ridgeline.runtime.remote;

import io.smallrye.faulttolerance.api.Guard;

/// Makes guards that take no detour.
public final class Guards {
    private Guards() {}

    /// {@return what makes a guard that asks on its caller's thread, before it returns, and answers
    /// on the thread that brings the answer}
    public static Guard.Builder direct() {
        // Left to itself the library comes back on threads of Vert.x, by way of their queue, and
        // requests would go on in another order than they came.
        return Guard.create().withThreadOffload(true).withThreadOffloadExecutor(Runnable::run);
    }
}
