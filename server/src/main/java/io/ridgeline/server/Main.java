package io.ridgeline.server;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.ridgeline.runtime.config.ConfigValue;
import io.ridgeline.runtime.config.Configuration;
import io.ridgeline.runtime.config.RidgelineConfig;
import io.ridgeline.runtime.provider.ProviderKind;
import io.ridgeline.server.dev.DevCommand;
import io.ridgeline.spi.storage.EventStorageProvider;
import io.ridgeline.spi.storage.VerificationReport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/// The command of a node: `start`, `dev`, `config show`, `storage verify`, `identity`.
@QuarkusMain
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final String CLUSTER_TRANSPORT = "libp2p";

    /// Frames, keys and lengths around a transaction in a message.
    private static final long MESSAGE_OVERHEAD_BYTES = 1 << 20;

    private Main() {}

    /// Does what the arguments say; exits with 0 if all is well, 1 if something failed, 2 if the
    /// arguments make no sense.
    public static void main(String... args) {
        List<String> arguments = List.of(args);
        if (!arguments.isEmpty() && arguments.getFirst().equals("dev")) {
            System.exit(DevCommand.run(arguments.subList(1, arguments.size())));
        }
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.println(CommandLine.USAGE);
            return;
        }
        CommandLine line;
        try {
            line = CommandLine.parse(args);
        } catch (Arguments.UsageException e) {
            boolean json = arguments.contains("--json");
            new Failure("USAGE", String.valueOf(e.getMessage())).print(json);
            if (!json) {
                System.err.println(CommandLine.USAGE);
            }
            System.exit(USAGE);
            return;
        }
        int code;
        try {
            code = run(line);
        } catch (BindException | RuntimeException e) {
            code = end(e, line.json());
        }
        // A node that was started ends when Quarkus ends.
        if (line.command() != CommandLine.Command.START || code != 0) {
            System.exit(code);
        }
    }

    private static int run(CommandLine line) throws BindException {
        Configuration configuration = Sources.configuration(line);
        if (line.command().isAboutIdentity() && transportIsDefault(configuration)) {
            // A node without peers has no identity; whoever asks for one is about to have peers.
            System.setProperty(ProviderKind.TRANSPORT.typeKey(), CLUSTER_TRANSPORT);
            configuration = Sources.configuration(line);
        }
        return switch (line.command()) {
            case START -> start(line, configuration);
            case CONFIG_SHOW -> show(line, configuration);
            case STORAGE_VERIFY -> verify(line, configuration);
            case IDENTITY_SHOW -> {
                IdentityCommand.show(configuration, line.json());
                yield 0;
            }
            case IDENTITY_CREATE -> {
                IdentityCommand.create(configuration, line.json());
                yield 0;
            }
        };
    }

    private static boolean transportIsDefault(Configuration configuration) {
        return configuration.all().stream()
                .anyMatch(each ->
                        each.key().equals(ProviderKind.TRANSPORT.typeKey())
                                && each.source().equals("default"));
    }

    private static int start(CommandLine line, Configuration configuration) throws BindException {
        long transactionBytes = configuration.values().limits().transactionBytes().asLongValue();
        System.setProperty(
                "quarkus.grpc.server.max-inbound-message-size",
                Long.toString(transactionBytes + MESSAGE_OVERHEAD_BYTES));
        RidgelineConfig values = configuration.values();
        int port = claimPort(values.host(), values.port());
        if (values.port() == 0) {
            System.setProperty("ridgeline.port", Integer.toString(port));
        }
        NodeApplication.json(line.json());
        NodeExit.install(configuration.values().stopGrace());
        Quarkus.run(
                NodeApplication.class,
                (code, thrown) -> NodeExit.exit(thrown == null ? code : end(thrown, line.json())));
        return 0;
    }

    /// A signal may end a start that waits for other nodes, or one that has hardly begun.
    private static int end(Throwable thrown, boolean json) {
        return NodeExit.isSignalled() ? 0 : fail(thrown, json);
    }

    /// The gRPC server neither says which free port it got nor stops the start if it gets none.
    private static int claimPort(String host, int port) throws BindException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BindException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage());
        }
    }

    private static int fail(Throwable thrown, boolean json) {
        Failure.of(thrown)
                .orElseGet(() -> {
                    thrown.printStackTrace();
                    return new Failure("INTERNAL", "a failure of the program: " + thrown);
                })
                .print(json);
        return FAILED;
    }

    private static int show(CommandLine line, Configuration configuration) {
        List<ConfigValue> all = configuration.all();
        int keys = all.stream().mapToInt(each -> each.key().length()).max().orElse(0);
        int values =
                Math.min(40, all.stream().mapToInt(each -> each.value().length()).max().orElse(0));
        for (ConfigValue each : all) {
            System.out.println(
                    line.json()
                            ? new Json()
                                    .put("key", each.key())
                                    .put("value", each.value())
                                    .put("source", each.source())
                                    .toString()
                            : ("%-" + keys + "s  %-" + Math.max(1, values) + "s  %s")
                                    .formatted(each.key(), each.value(), each.source()));
        }
        return 0;
    }

    private static int verify(CommandLine line, Configuration configuration) {
        VerificationReport report =
                configuration
                        .selected(ProviderKind.STORAGE, EventStorageProvider.class)
                        .verify(configuration.context(ProviderKind.STORAGE));
        boolean ok = report.problems().isEmpty();
        if (line.json()) {
            System.out.println(
                    new Json()
                            .put("ok", ok)
                            .put("buckets", report.buckets())
                            .put("partitions", report.partitions())
                            .put("entries", report.entries())
                            .put("events", report.events())
                            .put("bytes", report.bytes())
                            .put("notes", report.notes())
                            .put("problems", report.problems()));
        } else {
            System.out.printf(
                    "%d buckets, %d partitions, %d entries, %d events, %d bytes%n",
                    report.buckets(),
                    report.partitions(),
                    report.entries(),
                    report.events(),
                    report.bytes());
            report.notes().forEach(note -> System.out.println("note: " + note));
            report.problems().forEach(problem -> System.out.println("PROBLEM: " + problem));
            System.out.println(ok ? "All is well." : "The data is damaged.");
        }
        return ok ? 0 : FAILED;
    }
}
