package io.ridgeline.client;

import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next attempt: doubling from 10 ms to half a second, half of it at
/// random, so that clients that failed together do not come back together. Longer waits would show:
/// a node starts, and another takes over, within a second.
final class Backoff {
    private static final long FIRST_MILLIS = 10;
    private static final int DOUBLINGS_MAX = 6;
    private static final long LAST_MILLIS = 500;

    private Backoff() {}

    /// {@return the delay in milliseconds after so many failures in a row, at least one}
    static long millis(int failures) {
        long full = FIRST_MILLIS << Math.min(Math.max(failures, 1) - 1, DOUBLINGS_MAX);
        full = Math.min(full, LAST_MILLIS);
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }
}
