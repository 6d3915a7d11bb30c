package io.ridgeline.transport.libp2p.tcp;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/// The pings of one connection: when one is due, which are out, and what the last one took.
final class KeepAlive {
    private static final long TICK_NANOS_MIN = 10_000_000;
    private static final long TICK_NANOS_MAX = 1_000_000_000;

    private record Ping(long sentAtNanos, CompletableFuture<Long> answer) {}

    private final long intervalNanos;
    private final long timeoutNanos;
    private final SequencedMap<Long, Ping> pending = new LinkedHashMap<>();
    private long lastPingNanos = System.nanoTime();
    private long nextValue;
    private volatile long roundTripNanos = -1;

    KeepAlive(Duration interval, Duration timeout) {
        this.intervalNanos = interval.toNanos();
        this.timeoutNanos = timeout.toNanos();
    }

    /// {@return how often to look at the clock}
    long tickNanos() {
        return Math.clamp(
                Math.min(intervalNanos, timeoutNanos) / 2, TICK_NANOS_MIN, TICK_NANOS_MAX);
    }

    boolean isDue() {
        return System.nanoTime() - lastPingNanos >= intervalNanos;
    }

    boolean isAlive() {
        return pending.isEmpty()
                || System.nanoTime() - pending.firstEntry().getValue().sentAtNanos() < timeoutNanos;
    }

    /// {@return the value of a ping to send now}
    long begin(CompletableFuture<Long> answer) {
        lastPingNanos = System.nanoTime();
        long value = nextValue++ & 0xffff_ffffL;
        pending.put(value, new Ping(lastPingNanos, answer));
        return value;
    }

    void onPong(long value) {
        Ping ping = pending.remove(value);
        if (ping != null) {
            roundTripNanos = System.nanoTime() - ping.sentAtNanos();
            ping.answer().complete(roundTripNanos);
        }
    }

    /// The connection is gone.
    void abort(String reason) {
        IllegalStateException cause = new IllegalStateException(reason);
        pending.values().forEach(ping -> ping.answer().completeExceptionally(cause));
        pending.clear();
    }

    long roundTripNanos() {
        return roundTripNanos;
    }
}
