package io.ridgeline.cli.bench;

import io.ridgeline.client.ErrorCode;
import io.ridgeline.client.RidgelineException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Counts and times what happens between the end of the warm-up and the end of the measurement.
/// What began before or ends after does not count.
final class Stopwatch {
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int DIGITS = 3;

    private final Histogram histogram = new ConcurrentHistogram(LONGEST_NANOS, DIGITS);
    private final LongAdder events = new LongAdder();
    private final Map<ErrorCode, AtomicInteger> errors = new ConcurrentHashMap<>();
    private final long startNanos;
    private final long endNanos;
    private final String unit;

    Stopwatch(double warmUpSeconds, double seconds, String unit) {
        this.startNanos = System.nanoTime() + (long) (warmUpSeconds * 1e9);
        this.endNanos = startNanos + (long) (seconds * 1e9);
        this.unit = unit;
    }

    boolean isOver(long now) {
        return now - endNanos >= 0;
    }

    void done(long began, long now, long count) {
        if (now - startNanos >= 0 && now - endNanos < 0) {
            events.add(count);
            if (began - startNanos >= 0) {
                histogram.recordValue(Math.min(now - began, LONGEST_NANOS));
            }
        }
    }

    void failed(RidgelineException failure) {
        errors.computeIfAbsent(failure.code(), code -> new AtomicInteger()).incrementAndGet();
    }

    Measurement result() {
        Map<ErrorCode, Long> byCode = new java.util.TreeMap<>();
        errors.forEach((code, count) -> byCode.put(code, count.longValue()));
        return new Measurement(
                events.sum() * 1e9 / (endNanos - startNanos),
                micros(50),
                micros(99),
                micros(99.9),
                micros(100),
                byCode.values().stream().mapToLong(Long::longValue).sum(),
                byCode,
                unit);
    }

    private long micros(double percentile) {
        return Math.round(histogram.getValueAtPercentile(percentile) / 1e3);
    }
}
