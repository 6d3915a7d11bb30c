package io.ridgeline.server.dev;

import io.quarkus.runtime.ImageMode;
import io.ridgeline.server.Arguments;
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
    /// The property in which the start script says where it is.
    static final String SCRIPT = "ridgeline.script";

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final long READY_SECONDS = 120;
    private static final String FAILURE = "failed: ";

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
        } catch (Arguments.UsageException e) {
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

    /// What starts a node: the script that started this process, or a native executable itself.
    private static Path ridgeline() {
        String otherwise =
                ImageMode.current().isNativeImage()
                        ? ProcessHandle.current().info().command().orElseThrow()
                        : "ridgeline";
        return Path.of(System.getProperty(SCRIPT, otherwise));
    }

    private int run() throws IOException, InterruptedException {
        DevOutput output = new DevOutput(line.json(), line.data());
        Supervisor supervisor = new Supervisor(ridgeline(), output);
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

    /// Starts a node again, or all that died.
    ///
    /// @param name of the node; empty for all that died
    /// @return `n1 123,n2 456`, names with pids, or `failed: why`
    private static String restart(
            String name, List<DevNode> nodes, Supervisor supervisor, DevOutput output) {
        List<DevNode> chosen =
                nodes.stream()
                        .filter(node ->
                                name.isEmpty() ? !supervisor.runs(node) : node.name().equals(name))
                        .toList();
        if (chosen.isEmpty()) {
            return FAILURE
                    + (name.isEmpty() ? "no node has died" : "there is no node " + name)
                    + "; there are "
                    + String.join(", ", nodes.stream().map(DevNode::name).toList());
        }
        try {
            List<Supervisor.Started> all = new ArrayList<>();
            for (DevNode node : chosen) {
                all.add(supervisor.start(node));
            }
            List<String> answer = new ArrayList<>();
            for (Supervisor.Started each : all) {
                Optional<String> failure = awaitReady(each);
                if (failure.isPresent()) {
                    return FAILURE + failure.get();
                }
                long pid = each.process().pid();
                output.restarted(each.node(), pid);
                answer.add(each.node().name() + " " + pid);
            }
            return String.join(",", answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILURE + "the cluster is stopping";
        } catch (IllegalStateException e) {
            return FAILURE + e.getMessage();
        }
    }

    private int restart(String name) throws IOException {
        String answer = ControlPort.ask(folder, name);
        if (answer.startsWith(FAILURE)) {
            throw new IllegalStateException(answer.substring(FAILURE.length()));
        }
        DevOutput output = new DevOutput(line.json(), line.data());
        for (String each : answer.split(",", -1)) {
            int space = each.indexOf(' ');
            output.restarted(
                    DevNode.load(folder.resolve(each.substring(0, space))),
                    Long.parseLong(each.substring(space + 1)));
        }
        return OK;
    }
}
