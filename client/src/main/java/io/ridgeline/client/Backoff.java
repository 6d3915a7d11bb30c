package io.ridgeline.client;

import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next attempt: doubling from 10 ms to 1 s, half of it at random, so
/// that clients that failed together do not come back together.
final class Backoff {
    private static final long FIRST_MILLIS = 10;
    private static final int DOUBLINGS_MAX = 7;

    private Backoff() {}

    /// {@return the delay in milliseconds after so many failures in a row, at least one}
    static long millis(int failures) {
        long full = FIRST_MILLIS << Math.min(Math.max(failures, 1) - 1, DOUBLINGS_MAX);
        full = Math.min(full, 1_000);
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }
}
