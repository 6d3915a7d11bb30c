package io.ridgeline.simulation.runner;

import io.ridgeline.simulation.plan.SimPlan;
import io.ridgeline.simulation.plan.Swarm;
import io.ridgeline.simulation.time.Seeded;
import io.ridgeline.simulation.trace.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Runs many seeds on several threads. What it says does not depend on their number: sums only.
public final class SeedRunner {
    private record Running(Thread thread, long beganNanos) {}

    /// Seeds that failed are kept up to this number; all are counted.
    private static final int FAILURES_KEPT = 20;

    private final boolean fileStorage;
    private final Consumer<RunResult> onFailure;
    private final Coverage coverage = new Coverage();
    private final List<Long> failed = new ArrayList<>();
    private final SortedMap<Long, Running> running = new TreeMap<>();
    private long nextSeed;
    private long seeds;
    private long simulatedNanos;
    private long steps;
    private long hash;
    private int violations;

    /// @param fileStorage whether the storage plugin runs instead of the model
    /// @param onFailure called for each failing run, one at a time
    public SeedRunner(boolean fileStorage, Consumer<RunResult> onFailure) {
        this.fileStorage = fileStorage;
        this.onFailure = onFailure;
    }

    /// Runs seeds in order until told to stop.
    ///
    /// @param enough asked before each seed
    public void run(long firstSeed, int jobs, BooleanSupplier enough) throws InterruptedException {
        nextSeed = firstSeed;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            Thread thread = new Thread(() -> work(enough), "seeds-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /// Reports a seed that has been running for longer than any healthy one: no check can see a
    /// loop that never ends.
    public void watch(long nanosMax, BiConsumer<Long, Thread> onStuck) {
        Thread watcher = new Thread(() -> lookAfter(nanosMax, onStuck), "watcher");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void lookAfter(long nanosMax, BiConsumer<Long, Thread> onStuck) {
        while (true) {
            LockSupport.parkNanos(nanosMax / 10);
            synchronized (running) {
                running.forEach((seed, run) -> {
                    if (System.nanoTime() - run.beganNanos() > nanosMax) {
                        onStuck.accept(seed, run.thread());
                    }
                });
            }
        }
    }

    private void work(BooleanSupplier enough) {
        while (true) {
            long seed;
            synchronized (this) {
                if (enough.getAsBoolean()) {
                    return;
                }
                seed = nextSeed++;
                seeds++;
            }
            SimPlan plan = Swarm.plan(seed, fileStorage);
            synchronized (running) {
                running.put(seed, new Running(Thread.currentThread(), System.nanoTime()));
            }
            RunResult result = Simulation.run(plan);
            synchronized (running) {
                running.remove(seed);
            }
            add(seed, result);
        }
    }

    synchronized void add(long seed, RunResult result) {
        simulatedNanos += result.simulatedNanos();
        steps += result.steps();
        hash += Seeded.mix(result.hash() ^ Seeded.mix(seed));
        coverage.add(result.coverage());
        if (result.failure() != null) {
            violations++;
            if (failed.size() < FAILURES_KEPT) {
                failed.add(seed);
            }
            onFailure.accept(result);
        }
    }

    /// {@return seeds begun}
    public synchronized long seeds() {
        return seeds;
    }

    /// {@return virtual time of all}
    public synchronized long simulatedNanos() {
        return simulatedNanos;
    }

    /// {@return events of all}
    public synchronized long steps() {
        return steps;
    }

    /// {@return hash over the traces of all, whatever their order}
    public synchronized long hash() {
        return hash;
    }

    /// {@return seeds that failed}
    public synchronized int violations() {
        return violations;
    }

    /// {@return the first seeds that failed}
    public synchronized List<Long> failed() {
        return List.copyOf(failed);
    }

    /// {@return what happened how often}
    public Coverage coverage() {
        return coverage;
    }
}
