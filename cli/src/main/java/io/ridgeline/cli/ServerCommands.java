package io.ridgeline.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// The commands that the server program runs. They are here to be listed; the `ridgeline` script
/// never sends them to this program.
final class ServerCommands {
    private ServerCommands() {}

    private static int refuse(String command) {
        throw new UserError(
                "USAGE",
                "'" + command + "' is run by the server: use the 'ridgeline' script",
                java.util.Map.of());
    }

    @Command(name = "start", description = "Run a node in the foreground.")
    static final class Start implements java.util.concurrent.Callable<Integer> {
        @Unmatched List<String> arguments = List.of();

        @Override
        public Integer call() {
            return refuse("start");
        }
    }

    @Command(
            name = "config",
            description = "'config show': every setting, its value and where it came from.")
    static final class Config implements java.util.concurrent.Callable<Integer> {
        @Unmatched List<String> arguments = List.of();

        @Override
        public Integer call() {
            return refuse("config show");
        }
    }

    @Command(
            name = "storage",
            description = "'storage verify': check every byte of a node's data, offline.")
    static final class Storage implements java.util.concurrent.Callable<Integer> {
        @Unmatched List<String> arguments = List.of();

        @Override
        public Integer call() {
            return refuse("storage verify");
        }
    }
}
