package io.ridgeline.server.dev;

import io.ridgeline.server.Failure;
import io.ridgeline.spi.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// `ridgeline dev`: node processes on this machine, each with its identity, data and log, as one
/// would set up a cluster on three hosts.
///
/// It ends when it is told to, after its nodes.
public final class DevCommand {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final long READY_SECONDS = 120;

    private final DevLine line;
    private final Path folder;
    private volatile boolean failed;

    private DevCommand(DevLine line) {
        this.line = line;
        this.folder = line.data().toAbsolutePath().normalize();
    }

    /// Does what the arguments say.
    ///
    /// @param arguments what follows `dev`
    /// @return the exit code
    public static int run(List<String> arguments) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.println(DevLine.USAGE);
            return OK;
        }
        boolean json = arguments.contains("--json");
        DevLine line;
        try {
            line = DevLine.parse(arguments);
        } catch (IllegalArgumentException e) {
            new Failure("USAGE", String.valueOf(e.getMessage())).print(json);
            if (!json) {
                System.err.println(DevLine.USAGE);
            }
            return USAGE;
        }
        try {
            DevCommand command = new DevCommand(line);
            return line.restart().isPresent()
                    ? command.restart(line.restart().get())
                    : command.run();
        } catch (ConfigurationException e) {
            new Failure("INVALID_CONFIGURATION", String.valueOf(e.getMessage())).print(json);
        } catch (IllegalStateException e) {
            new Failure("FAILED", String.valueOf(e.getMessage())).print(json);
        } catch (IOException e) {
            new Failure("IO_ERROR", e.toString()).print(json);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return FAILED;
    }

    private int run() throws IOException, InterruptedException {
        DevOutput output = new DevOutput(line.json(), line.data());
        Path ridgeline = Path.of(System.getProperty("ridgeline.script", "ridgeline"));
        Supervisor supervisor = new Supervisor(ridgeline, line.settings(), output);
        try (ControlPort control = ControlPort.claim(folder)) {
            List<DevNode> nodes = new DevFolder(line, folder).prepare();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(supervisor), "stop"));
            List<Supervisor.Started> all = new ArrayList<>();
            for (DevNode node : nodes) {
                Supervisor.Started started = supervisor.start(node);
                output.started(node, started.process().pid());
                all.add(started);
            }
            for (Supervisor.Started each : all) {
                Optional<String> failure = awaitReady(each);
                if (failure.isPresent()) {
                    failed = true;
                    supervisor.stop();
                    throw new IllegalStateException(failure.get());
                }
            }
            output.ready(all);
            control.serve(request -> restart(request, nodes, supervisor, output));
        }
        return OK;
    }

    /// A signal is how a cluster ends, so it is no failure.
    private void end(Supervisor supervisor) {
        supervisor.stop();
        if (!failed) {
            Runtime.getRuntime().halt(OK);
        }
    }

    private static Optional<String> awaitReady(Supervisor.Started started)
            throws InterruptedException {
        try {
            started.ready().get(READY_SECONDS, TimeUnit.SECONDS);
            return Optional.empty();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return Optional.of(String.valueOf((cause == null ? e : cause).getMessage()));
        } catch (TimeoutException _) {
            return Optional.of(
                    "%s is not ready after %d seconds (log: %s)"
                            .formatted(started.node().name(), READY_SECONDS, started.node().log()));
        }
    }

    /// The answer is `pid` or `failed: why`.
    private static String restart(
            String name, List<DevNode> nodes, Supervisor supervisor, DevOutput output) {
        Optional<DevNode> found =
                nodes.stream().filter(node -> node.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            return "failed: there is no node "
                    + name
                    + "; there are "
                    + String.join(", ", nodes.stream().map(DevNode::name).toList());
        }
        try {
            Supervisor.Started started = supervisor.start(found.get());
            Optional<String> failure = awaitReady(started);
            if (failure.isPresent()) {
                return "failed: " + failure.get();
            }
            output.restarted(found.get(), started.process().pid());
            return Long.toString(started.process().pid());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "failed: the cluster is stopping";
        } catch (IllegalStateException e) {
            return "failed: " + e.getMessage();
        }
    }

    private int restart(String name) throws IOException {
        String answer = ControlPort.ask(folder, name);
        if (answer.startsWith("failed: ")) {
            throw new IllegalStateException(answer.substring("failed: ".length()));
        }
        new DevOutput(line.json(), line.data())
                .restarted(DevNode.load(folder.resolve(name)), Long.parseLong(answer));
        return OK;
    }
}
