package io.ridgeline.it.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A command line as a process: its output goes to files, so that no pipe can fill up.
public final class Command {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /// All that were started; a test run that is broken off leaves nothing behind.
    private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> STARTED.forEach(Process::destroyForcibly), "end-processes"));
    }

    private final List<String> line = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Path folder;
    private byte[] input = new byte[0];

    private Command(Path folder, List<String> line) {
        this.folder = folder;
        this.line.addAll(line);
        // A test says everything that a node is told; what the caller's shell has set is not part
        // of it.
        environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    /// {@return any command, run in the given folder}
    public static Command of(Path folder, String... line) {
        return new Command(folder, List.of(line));
    }

    /// {@return the `ridgeline` script with the given arguments}
    public static Command ridgeline(Path folder, String... arguments) {
        return ridgeline(folder, List.of(arguments));
    }

    /// {@return the `ridgeline` script with the given arguments}
    public static Command ridgeline(Path folder, List<String> arguments) {
        Command command = new Command(folder, List.of(Checkout.script().toString()));
        command.line.addAll(arguments);
        return command;
    }

    /// Adds to the environment.
    public Command with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// Adds to the environment.
    public Command with(Map<String, String> more) {
        environment.putAll(more);
        return this;
    }

    /// Runs it in another folder.
    public Command in(Path other) {
        folder = other;
        return this;
    }

    /// Gives it something to read; without it there is nothing.
    public Command reading(byte[] bytes) {
        input = bytes.clone();
        return this;
    }

    /// Gives it something to read.
    public Command reading(String text) {
        return reading(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Runs it to its end.
    public Outcome run() {
        return run(Duration.ofMinutes(2));
    }

    /// Runs it to its end, which must come within the limit.
    public Outcome run(Duration limit) {
        try (Running running = start()) {
            return running.await(limit);
        }
    }

    /// Starts it.
    public Running start() {
        try {
            Path output = Files.createDirectories(folder.resolve("output"));
            int number = COUNT.incrementAndGet();
            Path in = output.resolve(number + ".in");
            Files.write(in, input);
            Path out = output.resolve(number + ".out");
            Path err = output.resolve(number + ".err");
            ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("RIDGELINE_"));
            if (Checkout.isNative()) {
                builder.environment().put("RIDGELINE_EXECUTABLE", Checkout.executable());
            }
            builder.environment().putAll(environment);
            builder.redirectInput(in.toFile());
            builder.redirectOutput(out.toFile());
            builder.redirectError(err.toFile());
            Process process = builder.start();
            STARTED.add(process);
            return new Running(process, line, out.toFile(), err.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A command that has been started.
    public static final class Running implements AutoCloseable {
        private final Process process;
        private final List<String> line;
        private final File out;
        private final File err;

        private Running(Process process, List<String> line, File out, File err) {
            this.process = process;
            this.line = line;
            this.out = out;
            this.err = err;
        }

        /// {@return its process}
        public Process process() {
            return process;
        }

        /// {@return what it has written to standard output so far}
        public String out() {
            return read(out);
        }

        /// {@return what it has written to standard error so far}
        public String err() {
            return read(err);
        }

        /// Waits for its end; kills it and fails if it does not come in time.
        public Outcome await(Duration limit) {
            try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    close();
                    throw new AssertionError(
                            line + " did not end within " + limit + "\n" + out() + "\n" + err());
                }
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
            return new Outcome(process.exitValue(), out(), err());
        }

        /// Asks it to end, as `kill` does.
        public void terminate() {
            process.destroy();
        }

        /// Ends it without asking, as `kill -9` does, with what it has started itself.
        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }

        private static String read(File file) {
            try {
                return Files.readString(file.toPath());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
