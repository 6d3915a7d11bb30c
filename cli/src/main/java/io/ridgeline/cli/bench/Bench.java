package io.ridgeline.cli.bench;

import io.ridgeline.client.Append;
import io.ridgeline.client.Appender;
import io.ridgeline.client.EventData;
import io.ridgeline.client.EventIterator;
import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.RidgelineException;
import io.ridgeline.client.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/// Loads a cluster through the client library and measures what its callers see.
///
/// Callers are a closed loop: each sends its next request when it has the answer to the last. A
/// pause of the server therefore shows in as many waits as there are callers, not in those that an
/// open stream of requests would have seen.
public final class Bench {
    /// A JVM compiles well what ran often, not what ran long: one caller who waits for each answer
    /// would be measured half compiled.
    private static final int WARM_UP_CALLERS = 64;

    private static final int FILL_EVENTS = 100_000;
    private static final int FILL_BATCH = 500;
    private static final int EVENTS_PER_WAIT = 1_000;

    /// What fails at once would otherwise be repeated without an end.
    private static final Executor AFTER_FAILURE =
            CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);

    private final RidgelineClient client;
    private final int callers;
    private final double warmUpSeconds;
    private final double seconds;
    private final byte[] data;
    private final String[] streams;
    private final AtomicLong turn = new AtomicLong();

    /// @param client what is measured, with the server behind it
    /// @param callers how many at once
    /// @param sizeBytes of the data of an event
    /// @param warmUpSeconds before the measurement; for appends, the first half of it with many
    ///   callers
    /// @param seconds of measurement
    /// @param streamCount how many streams are written to
    public Bench(
            RidgelineClient client,
            int callers,
            int sizeBytes,
            double warmUpSeconds,
            double seconds,
            int streamCount) {
        this.client = client;
        this.callers = callers;
        this.warmUpSeconds = warmUpSeconds;
        this.seconds = seconds;
        this.data = json(sizeBytes);
        this.streams = new String[streamCount];
        String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        for (int i = 0; i < streamCount; i++) {
            streams[i] = "bench-" + run + "-" + i;
        }
    }

    private static byte[] json(int sizeBytes) {
        String text = "x".repeat(Math.max(0, sizeBytes - 2));
        return ("\"" + text + "\"")
                .substring(0, Math.max(0, sizeBytes))
                .getBytes(StandardCharsets.UTF_8);
    }

    private Append next(int events) {
        Append append = client.append(streams[(int) (turn.getAndIncrement() % streams.length)]);
        for (int i = 0; i < events; i++) {
            append.event(EventData.of("Measured", "", data));
        }
        return append;
    }

    private Stopwatch stopwatch(String unit) {
        return new Stopwatch(warmUpSeconds, seconds, unit);
    }

    /// Single events, each caller sending its next when it has the answer to its last. No caller is
    /// a thread: the answer itself sends the next.
    public Measurement append() {
        append(Math.max(callers, WARM_UP_CALLERS), new Stopwatch(0, warmUpSeconds / 2, "append"));
        Stopwatch stopwatch = new Stopwatch(warmUpSeconds / 2, seconds, "append");
        append(callers, stopwatch);
        return stopwatch.result();
    }

    private void append(int callers, Stopwatch stopwatch) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            appendOn(stopwatch, end);
        }
        await(ends);
    }

    private void appendOn(Stopwatch stopwatch, CompletableFuture<Void> end) {
        long began = System.nanoTime();
        if (stopwatch.isOver(began)) {
            end.complete(null);
            return;
        }
        var _ =
                next(1).sendAsync()
                        .whenComplete((result, failed) -> {
                            if (failed instanceof RidgelineException known) {
                                stopwatch.failed(known);
                                AFTER_FAILURE.execute(() -> appendOn(stopwatch, end));
                            } else {
                                stopwatch.done(began, System.nanoTime(), 1);
                                appendOn(stopwatch, end);
                            }
                        });
    }

    /// Single events, each caller a thread that waits for its answer.
    public Measurement appendBlocking() {
        Stopwatch stopwatch = stopwatch("append");
        run(caller -> {
            long began = System.nanoTime();
            while (!stopwatch.isOver(began)) {
                try {
                    next(1).send();
                    stopwatch.done(began, System.nanoTime(), 1);
                } catch (RidgelineException e) {
                    stopwatch.failed(e);
                }
                began = System.nanoTime();
            }
        });
        return stopwatch.result();
    }

    /// As much as goes.
    ///
    /// @param batch events to a transaction
    public Measurement bulk(int batch) {
        Stopwatch stopwatch = stopwatch("transaction of " + batch);
        run(caller -> bulk(stopwatch, batch));
        return stopwatch.result();
    }

    private void bulk(Stopwatch stopwatch, int batch) {
        Appender appender = client.appender();
        while (!stopwatch.isOver(System.nanoTime())) {
            long began = System.nanoTime();
            try {
                var _ =
                        appender.track(next(batch))
                                .whenComplete((result, failed) -> {
                                    if (failed instanceof RidgelineException known) {
                                        stopwatch.failed(known);
                                    } else {
                                        stopwatch.done(began, System.nanoTime(), batch);
                                    }
                                });
            } catch (RidgelineException e) {
                // The appender stops at its first failure; that one was counted.
                appender = client.appender();
            }
        }
        try {
            appender.flush();
        } catch (RidgelineException e) {
            // Counted when it failed.
        }
    }

    /// All events, over and over.
    public Measurement read() {
        fillIfEmpty();
        Stopwatch stopwatch = stopwatch(EVENTS_PER_WAIT + " events");
        run(caller -> read(stopwatch));
        return stopwatch.result();
    }

    private void read(Stopwatch stopwatch) {
        while (!stopwatch.isOver(System.nanoTime())) {
            try (EventIterator events = client.read(Source.all()).iterator()) {
                long began = System.nanoTime();
                long count = 0;
                long bytes = 0;
                while (events.hasNext()) {
                    RecordedEvent event = events.next();
                    // What any reader looks at.
                    bytes += event.data().remaining();
                    if (++count % EVENTS_PER_WAIT == 0) {
                        long now = System.nanoTime();
                        stopwatch.done(began, now, EVENTS_PER_WAIT);
                        began = now;
                        if (stopwatch.isOver(now)) {
                            return;
                        }
                    }
                }
                stopwatch.done(began, System.nanoTime(), count % EVENTS_PER_WAIT);
                if (bytes < 0) {
                    throw new IllegalStateException("sizes cannot be negative");
                }
            } catch (RidgelineException e) {
                stopwatch.failed(e);
            }
        }
    }

    private void fillIfEmpty() {
        try (EventIterator first = client.read(Source.all()).limit(1).iterator()) {
            if (first.hasNext()) {
                return;
            }
        }
        try (Appender appender = client.appender()) {
            for (int i = 0; i < FILL_EVENTS / FILL_BATCH; i++) {
                appender.add(next(FILL_BATCH));
            }
        }
    }

    private void run(IntConsumer caller) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            int number = i;
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            // Virtual: they wake on one carrier and so send together, which threads would not.
            Thread.ofVirtual()
                    .name("caller-", i)
                    .start(() -> {
                        try {
                            caller.accept(number);
                            end.complete(null);
                        } catch (RuntimeException e) {
                            end.completeExceptionally(e);
                        }
                    });
        }
        await(ends);
    }

    private static void await(List<CompletableFuture<Void>> ends) {
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException | CancellationException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
