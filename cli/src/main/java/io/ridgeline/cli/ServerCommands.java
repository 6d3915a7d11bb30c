package io.ridgeline.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// The commands that the server program runs. They are here to be listed; the `ridgeline` script
/// never sends them to this program.
final class ServerCommands {
    private ServerCommands() {}

    abstract static class Listed implements Callable<Integer> {
        private final String words;

        @Unmatched List<String> arguments = List.of();

        Listed(String words) {
            this.words = words;
        }

        @Override
        public final Integer call() {
            throw new UserError(
                    "USAGE",
                    "'" + words + "' is run by the server: use the 'ridgeline' script",
                    Map.of());
        }
    }

    @Command(name = "start", description = "Run a node in the foreground.")
    static final class Start extends Listed {
        Start() {
            super("start");
        }
    }

    @Command(
            name = "config",
            description = "'config show': every setting, its value and where it came from.")
    static final class Config extends Listed {
        Config() {
            super("config show");
        }
    }

    @Command(
            name = "storage",
            description = "'storage verify': check every byte of a node's data, offline.")
    static final class Storage extends Listed {
        Storage() {
            super("storage verify");
        }
    }

    @Command(
            name = "dev",
            description =
                    "Run a cluster of nodes on this machine; 'dev restart' starts those again that died.")
    static final class Dev extends Listed {
        Dev() {
            super("dev");
        }
    }

    @Command(
            name = "identity",
            description =
                    "'identity show|create': what other nodes need to know of a node before its start.")
    static final class Identity extends Listed {
        Identity() {
            super("identity show");
        }
    }
}
