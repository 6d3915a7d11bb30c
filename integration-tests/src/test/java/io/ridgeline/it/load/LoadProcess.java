package io.ridgeline.it.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/// A [Load] in a process of its own, as its test sees it.
public final class LoadProcess implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicInteger livesLost = new AtomicInteger();

    private LoadProcess(Process process) {
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name("load-output").start(this::listen);
    }

    /// Starts a client process.
    public static LoadProcess start(long seed, Path diary, int writers) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        Load.class.getName(),
                        Long.toString(seed),
                        diary.toString(),
                        Integer.toString(writers));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.redirectError(diary.resolveSibling("load.err").toFile());
        return new LoadProcess(builder.start());
    }

    /// Lets it write to the node at that port.
    public void connect(int port) {
        command("connect " + port);
    }

    /// {@return how many transactions it has seen acknowledged, or some fewer}
    public long acknowledged() {
        return acknowledged.get();
    }

    /// Waits until so many transactions are acknowledged.
    public void awaitAcknowledged(long transactions) {
        await("acknowledgements").until(() -> alive() && acknowledged.get() >= transactions);
    }

    /// Waits until it has noticed the end of so many lives of the node; then it is at rest.
    public void awaitLost(int lives) {
        await("the load to notice").until(() -> alive() && livesLost.get() >= lives);
    }

    /// Lets it end once all that it has sent is acknowledged.
    public void finish() {
        command("finish");
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError("the load did not finish: " + process);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static org.awaitility.core.ConditionFactory await(String what) {
        return Awaitility.await(what)
                .atMost(Duration.ofSeconds(90))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5));
    }

    private boolean alive() {
        if (!process.isAlive()) {
            throw new AssertionError("the load has ended, see load.err: " + process);
        }
        return true;
    }

    private void listen() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (line.equals("lost")) {
                    livesLost.incrementAndGet();
                } else if (line.startsWith("acked ")) {
                    acknowledged.set(Long.parseLong(line.substring("acked ".length())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void command(String line) {
        try {
            commands.write(line + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
