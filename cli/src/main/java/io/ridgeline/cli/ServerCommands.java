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

    @Command(
            name = "dev",
            description =
                    "Run a cluster of nodes on this machine; 'dev restart' starts those again that died.")
    static final class Dev implements java.util.concurrent.Callable<Integer> {
        @Unmatched List<String> arguments = List.of();

        @Override
        public Integer call() {
            return refuse("dev");
        }
    }

    @Command(
            name = "identity",
            description =
                    "'identity show|create': what other nodes need to know of a node before its start.")
    static final class Identity implements java.util.concurrent.Callable<Integer> {
        @Unmatched List<String> arguments = List.of();

        @Override
        public Integer call() {
            return refuse("identity show");
        }
    }
}
