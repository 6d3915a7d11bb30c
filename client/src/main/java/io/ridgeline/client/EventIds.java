package io.ridgeline.client;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Makes event ids: UUIDs of version 7 (RFC 9562), so that ids made later sort later, which keeps
/// the server's index of ids compact. Strictly rising within a process.
public final class EventIds {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    // 48 bits of milliseconds and 12 of a counter, the order of the ids made in this process.
    private static final AtomicLong lastOrder = new AtomicLong();
    private static final long secret = new SecureRandom().nextLong();

    private EventIds() {}

    /// {@return a new id}
    public static UUID next() {
        long now = System.currentTimeMillis() << 12;
        long order;
        while (true) {
            long last = lastOrder.get();
            order = Math.max(last + 1, now);
            if (lastOrder.compareAndSet(last, order)) {
                break;
            }
        }
        long high = ((order >>> 12) << 16) | 0x7000L | (order & 0xFFF);
        // The order is unique in the process; the secret keeps processes apart. A secure generator
        // for
        // every id would cost more than the rest of an append in the client.
        long low = mix(mix(secret + order * GOLDEN_GAMMA) ^ secret);
        return new UUID(high, (low >>> 2) | (1L << 63));
    }

    // The finalizer of SplitMix64.
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
