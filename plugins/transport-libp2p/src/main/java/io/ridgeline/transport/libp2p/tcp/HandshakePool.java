package io.ridgeline.transport.libp2p.tcp;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A few threads for the arithmetic of handshakes, so that many handshakes at once do not stop the
/// connections that exist. Refuses work when too much waits.
final class HandshakePool implements Executor, AutoCloseable {
    private static final int WAITING_MAX = 256;

    private final ThreadPoolExecutor threads;

    HandshakePool() {
        int count = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
        threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        new DefaultThreadFactory("libp2p-handshake", true));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
