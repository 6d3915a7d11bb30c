package io.ridgeline.server.dev;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Starts the nodes' processes, tells of their ends, and ends them all.
///
/// Any thread may call it.
final class Supervisor {
    private static final long STOP_SECONDS = 20;
    private static final int LOG_LINES = 3;

    private final Path ridgeline;
    private final DevOutput output;
    private final Map<String, Process> running = new HashMap<>();
    private boolean stopping;

    /// @param ridgeline the script
    Supervisor(Path ridgeline, DevOutput output) {
        this.ridgeline = ridgeline;
        this.output = output;
    }

    /// A node's process.
    ///
    /// @param ready done once the node is; fails with what it said if it ends before
    record Started(DevNode node, Process process, CompletableFuture<Void> ready) {}

    /// Starts a node's process; one that runs is first asked to end, and waited for.
    Started start(DevNode node) throws InterruptedException {
        Process old = running(node.name());
        if (old != null) {
            end(List.of(old));
        }
        Process process;
        synchronized (this) {
            if (stopping) {
                throw new IllegalStateException("the cluster is stopping");
            }
            process = node.start(ridgeline);
            running.put(node.name(), process);
        }
        CompletableFuture<Void> ready = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> watch(node, process, ready));
        return new Started(node, process, ready);
    }

    /// A node says that it is ready in its only line; the output ends with the process.
    private void watch(DevNode node, Process process, CompletableFuture<Void> ready) {
        try (BufferedReader out = process.inputReader()) {
            if (out.readLine() != null) {
                ready.complete(null);
            }
            int exit = process.waitFor();
            boolean wasAskedTo;
            synchronized (this) {
                // Who stops a node takes it out of the map first.
                wasAskedTo = !running.remove(node.name(), process);
            }
            boolean early =
                    ready.completeExceptionally(
                            new IllegalStateException(
                                    "%s ended with exit code %d before it was ready: %s (log: %s)"
                                            .formatted(
                                                    node.name(),
                                                    exit,
                                                    lastLines(node.log()),
                                                    node.log())));
            if (!wasAskedTo && !early) {
                output.died(node, process.pid(), exit);
            }
        } catch (IOException | InterruptedException e) {
            ready.completeExceptionally(e);
        }
    }

    private static String lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    " | ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
        } catch (IOException _) {
            return "no log";
        }
    }

    /// {@return whether the node has a process}
    boolean runs(DevNode node) {
        return running(node.name()) != null;
    }

    private synchronized @Nullable Process running(String node) {
        return running.get(node);
    }

    /// Ends all nodes in an orderly way; nothing starts from now on. Blocks until they are gone.
    void stop() {
        List<Process> all;
        synchronized (this) {
            stopping = true;
            all = new ArrayList<>(running.values());
        }
        try {
            end(all);
        } catch (InterruptedException e) {
            all.forEach(Process::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    private void end(List<Process> processes) throws InterruptedException {
        synchronized (this) {
            running.values().removeAll(processes);
        }
        processes.forEach(Process::destroy);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        for (Process process : processes) {
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
