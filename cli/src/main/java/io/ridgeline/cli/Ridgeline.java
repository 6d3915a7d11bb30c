package io.ridgeline.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `ridgeline` command. Exit codes: 0 ok, 1 failed, 2 wrong usage.
@Command(
        name = "ridgeline",
        description = "An event store. 'ridgeline COMMAND --help' explains a command.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        subcommands = {
            ServerCommands.Start.class,
            ServerCommands.Dev.class,
            AppendCommand.class,
            ImportCommand.class,
            ReadCommand.class,
            GetCommand.class,
            SubscribeCommand.class,
            StatusCommand.class,
            BenchCommand.class,
            ServerCommands.Config.class,
            ServerCommands.Storage.class,
            ServerCommands.Identity.class,
        })
public final class Ridgeline implements Runnable {
    @Spec CommandSpec spec;
    @Mixin CommonOptions common;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean versionWanted;

    private final Terminal terminal;

    private Ridgeline(Terminal terminal) {
        this.terminal = terminal;
        this.spec = CommandSpec.create();
        this.common = new CommonOptions();
    }

    Terminal terminal() {
        return terminal;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which command");
    }

    /// Runs the process.
    public static void main(String[] arguments) {
        System.exit(run(Terminal.ofProcess(), arguments));
    }

    /// Runs a command.
    ///
    /// @return the exit code
    public static int run(Terminal terminal, String... arguments) {
        boolean json = List.of(arguments).contains("--json");
        Errors errors = new Errors(terminal, json);
        CommandLine line =
                new CommandLine(new Ridgeline(terminal))
                        // '@FILE' is the data of an event, not more arguments.
                        .setExpandAtFiles(false)
                        .setUsageHelpAutoWidth(false)
                        .setOut(
                                new java.io.PrintWriter(
                                        terminal.out(),
                                        true,
                                        java.nio.charset.StandardCharsets.UTF_8))
                        .setErr(
                                new java.io.PrintWriter(
                                        terminal.err(),
                                        true,
                                        java.nio.charset.StandardCharsets.UTF_8))
                        .setColorScheme(
                                CommandLine.Help.defaultColorScheme(
                                        terminal.outStyle() == Style.COLOURED
                                                ? CommandLine.Help.Ansi.ON
                                                : CommandLine.Help.Ansi.OFF))
                        .setParameterExceptionHandler((wrong, given) -> errors.usage(wrong))
                        .setExecutionExceptionHandler(
                                (failed, at, parsed) -> errors.failed(failed));
        int exit = line.execute(arguments);
        try {
            terminal.flush();
        } catch (java.io.UncheckedIOException e) {
            return errors.failed(e);
        }
        return exit;
    }
}
