package io.ridgeline.it.process;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.restassured.RestAssured;
import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.AdminGrpc.AdminBlockingStub;
import io.ridgeline.api.v1.EventStoreGrpc;
import io.ridgeline.api.v1.EventStoreGrpc.EventStoreBlockingStub;
import io.ridgeline.api.v1.EventStoreGrpc.EventStoreStub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A node as a process of its own, ready to serve.
public final class Node implements AutoCloseable {
    private final Command.Running running;
    private final Path data;
    private final JsonNode ready;
    private final ManagedChannel channel;

    private Node(Command.Running running, Path data, JsonNode ready) {
        this.running = running;
        this.data = data;
        this.ready = ready;
        this.channel = newChannel();
    }

    /// {@return how to start a node on the given data, on free ports}
    public static Plan on(Path data) {
        return new Plan(data);
    }

    /// {@return the gRPC port}
    public int port() {
        return ready.get("port").asInt();
    }

    /// {@return the port of health and metrics}
    public int managementPort() {
        return ready.get("managementPort").asInt();
    }

    /// {@return its data}
    public Path data() {
        return data;
    }

    /// {@return its process}
    public ProcessHandle process() {
        return running.process().toHandle();
    }

    /// {@return what it printed when it was ready}
    public JsonNode ready() {
        return ready;
    }

    /// {@return what it has logged}
    public String log() {
        return running.err();
    }

    /// {@return a channel to it, open as long as this object}
    public ManagedChannel channel() {
        return channel;
    }

    /// {@return a further connection to it, to be closed by the caller}
    public ManagedChannel newChannel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", port())
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    /// {@return its event store; every call has a minute}
    public EventStoreBlockingStub events() {
        return EventStoreGrpc.newBlockingStub(channel).withDeadlineAfter(60, SECONDS);
    }

    /// {@return its event store, for streams in both directions}
    public EventStoreStub eventsAsync() {
        return EventStoreGrpc.newStub(channel);
    }

    /// {@return its administration}
    public AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(channel).withDeadlineAfter(60, SECONDS);
    }

    /// {@return the sum of a metric over its series that have all of these labels; 0 without any}
    ///
    /// @param labels such as `node="n1"`
    public double metric(String name, String... labels) {
        return RestAssured.given()
                .baseUri("http://127.0.0.1")
                .port(managementPort())
                .get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Stream.of(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /// {@return how much memory of the machine its process holds, in bytes}
    public long residentBytes() {
        return memory("VmRSS:");
    }

    /// {@return how much of it is the process's own, and not pages of files, in bytes}
    public long anonymousBytes() {
        return memory("RssAnon:");
    }

    /// {@return how many files and sockets it has open}
    public int openFiles() {
        try (Stream<Path> files = Files.list(proc().resolve("fd"))) {
            return (int) files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path proc() {
        return Path.of("/proc", Long.toString(process().pid()));
    }

    private long memory(String field) {
        try {
            return Files.readAllLines(proc().resolve("status")).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends it as a power cut would end its process: `kill -9`.
    public void kill() {
        channel.shutdownNow();
        running.close();
        running.await(Duration.ofSeconds(30));
    }

    /// Ends it as an operator does: SIGTERM.
    public Outcome terminate() {
        running.terminate();
        Outcome outcome = running.await(Duration.ofSeconds(60));
        channel.shutdownNow();
        return outcome;
    }

    @Override
    public void close() {
        kill();
    }

    /// How to start a node; can be used again and again.
    public static final class Plan {
        private final Path data;
        private final Map<String, String> environment = new HashMap<>();
        private final List<String> options = new ArrayList<>();
        private Path folder;
        private int port;

        private Plan(Path data) {
            this.data = data;
            // Beside the data, so that no conf/ of the checkout is found.
            folder = Objects.requireNonNull(data.toAbsolutePath().getParent());
        }

        /// Runs it in another folder than that in which its data lies.
        public Plan in(Path other) {
            folder = other;
            return this;
        }

        /// Sets a configuration key.
        public Plan with(String key, String value) {
            options.add("-D" + key + "=" + value);
            return this;
        }

        /// {@return the same with another value of a key}
        public Plan but(String key, String value) {
            return without(key).with(key, value);
        }

        /// {@return the same with the default of a key}
        public Plan without(String key) {
            Plan other = new Plan(data);
            other.folder = folder;
            other.port = port;
            other.environment.putAll(environment);
            other.options.addAll(options);
            other.options.removeIf(option -> option.startsWith("-D" + key + "="));
            return other;
        }

        /// Adds options of `start`.
        public Plan options(String... more) {
            options.addAll(List.of(more));
            return this;
        }

        /// Sets a variable of the environment.
        public Plan environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /// Asks for a certain port in place of any free one.
        public Plan port(int wanted) {
            port = wanted;
            return this;
        }

        /// Starts a node and waits until it is ready.
        public Node start() {
            return await(launch());
        }

        /// Waits until a node that was launched is ready.
        public Node await(Command.Running running) {
            try {
                Awaitility.await("a ready node")
                        .atMost(Duration.ofMinutes(5))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> running.out().contains("\n") || !running.process().isAlive());
                if (!running.out().contains("\n")) {
                    throw new AssertionError("the node ended at its start: " + running.err());
                }
                JsonNode ready = Outcome.parse(running.out().lines().findFirst().orElseThrow());
                return new Node(running, data, ready);
            } catch (RuntimeException | AssertionError e) {
                running.close();
                throw new AssertionError("no node: " + running.err(), e);
            }
        }

        /// Starts a node and leaves it to the caller, ready or not.
        public Command.Running launch() {
            return command("start").start();
        }

        /// Starts a node that must refuse to run.
        public Outcome startInVain() {
            return command("start").run(Duration.ofSeconds(60));
        }

        /// Checks the data of a node that does not run.
        public Outcome verifyStorage() {
            return Command.ridgeline(
                            folder,
                            List.of("storage", "verify", "--json", "--data", data.toString()))
                    .with(environment)
                    .run(Duration.ofMinutes(5));
        }

        private Command command(String verb) {
            List<String> arguments = new ArrayList<>();
            arguments.addAll(List.of(verb, "--json", "--data", data.toString()));
            arguments.addAll(List.of("--port", Integer.toString(port), "--management-port", "0"));
            arguments.addAll(options);
            return Command.ridgeline(folder, arguments).with(environment);
        }
    }
}
