package io.ridgeline.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends the process with 0 after a signal: the JVM would exit with 143, though an orderly stop is
/// no failure. There is no supported way to handle a signal, so the JVM is ended from one of its
/// hooks, once Quarkus, which has a hook of its own, is done.
final class NodeExit {
    private static final CountDownLatch STOPPED = new CountDownLatch(1);
    private static final Duration MARGIN = Duration.ofSeconds(3);
    private static volatile boolean exiting;

    private NodeExit() {}

    /// @param grace how long the node may take to stop
    static void install(Duration grace) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(grace), "exit"));
    }

    private static void onShutdown(Duration grace) {
        if (exiting) {
            return;
        }
        try {
            boolean stopped = STOPPED.await(grace.plus(MARGIN).toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(stopped ? 0 : 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// {@return whether a signal ends this process, so that what fails from now on is no failure}
    static boolean isSignalled() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
        } catch (IllegalStateException e) {
            return true;
        }
        Runtime.getRuntime().removeShutdownHook(probe);
        return false;
    }

    /// Quarkus is done. After a signal the hook goes on; else this ends the process.
    static void exit(int code) {
        if (code != 0) {
            exiting = true;
        }
        STOPPED.countDown();
        System.exit(code);
    }
}
