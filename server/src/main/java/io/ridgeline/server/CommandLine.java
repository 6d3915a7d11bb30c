package io.ridgeline.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The arguments of the node's command, taken apart.
///
/// @param command what to do
/// @param json whether results and errors are for a program
/// @param configFile the configuration file, if one was named
/// @param properties configuration keys that were given, by whatever option
record CommandLine(
        Command command,
        boolean json,
        Optional<String> configFile,
        SortedMap<String, String> properties) {

    /// What a node's command can do.
    enum Command {
        START("start"),
        CONFIG_SHOW("config show"),
        STORAGE_VERIFY("storage verify"),
        IDENTITY_SHOW("identity show"),
        IDENTITY_CREATE("identity create");

        private final String words;

        Command(String words) {
            this.words = words;
        }

        boolean isAboutIdentity() {
            return this == IDENTITY_SHOW || this == IDENTITY_CREATE;
        }
    }

    static final String USAGE =
            """
            usage: ridgeline start          [options]   run a node in the foreground
                   ridgeline config show    [options]   every key, its value and where that came from
                   ridgeline storage verify [options]   check the data of a node that does not run
                   ridgeline identity show  [options]   what other nodes need to know of this one
                   ridgeline identity create [options]  make that before the first start
                   ridgeline dev            [options]   a cluster on this machine; see dev --help

              --data DIR              the node's data (./data)
              --host A                address to listen on (127.0.0.1)
              --port N                gRPC and HTTP (8080; 0: any free one)
              --management-port N     health and metrics (9000; 0: any free one)
              --node NAME             the node's name (n1)
              --config FILE           configuration (conf/ridgeline.properties)
              -Dkey=value             any key; `config show` lists them
              --json                  results and errors as JSON, one object a line\
            """;

    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final SortedMap<String, String> KEYS = new TreeMap<>();

    static {
        KEYS.put("--data", "ridgeline.data");
        KEYS.put("--host", "ridgeline.host");
        KEYS.put("--port", "ridgeline.port");
        KEYS.put("--management-port", "ridgeline.management-port");
        KEYS.put("--node", "ridgeline.node");
    }

    /// Arguments that are none of ours.
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /// @throws UsageException if they cannot be understood
    static CommandLine parse(String... arguments) {
        List<String> words = new ArrayList<>();
        SortedMap<String, String> properties = new TreeMap<>();
        Optional<String> configFile = Optional.empty();
        boolean json = false;
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("-D")) {
                property(argument, properties);
            } else if (argument.startsWith("--")) {
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument : argument.substring(0, equals);
                if (!KEYS.containsKey(name) && !name.equals("--config")) {
                    throw new UsageException("unknown option " + name);
                }
                if (equals < 0 && i + 1 == arguments.length) {
                    throw new UsageException(name + " needs a value");
                }
                String value = equals < 0 ? arguments[++i] : argument.substring(equals + 1);
                String key = KEYS.get(name);
                if (key == null) {
                    configFile = Optional.of(value);
                } else {
                    if (name.endsWith("port") && !PORT.matcher(value).matches()) {
                        throw new UsageException(
                                name + " " + value + ": expected a number from 0 to 65535");
                    }
                    properties.put(key, value);
                }
            } else {
                words.add(argument);
            }
        }
        return new CommandLine(command(words), json, configFile, properties);
    }

    private static void property(String argument, SortedMap<String, String> properties) {
        int equals = argument.indexOf('=');
        if (equals < 3) {
            throw new UsageException(argument + " is not -Dkey=value");
        }
        properties.put(argument.substring(2, equals), argument.substring(equals + 1));
    }

    private static Command command(List<String> words) {
        for (Command command : Command.values()) {
            if (command.words.equals(String.join(" ", words))) {
                return command;
            }
        }
        throw new UsageException(
                words.isEmpty()
                        ? "what is to be done?"
                        : "unknown command " + String.join(" ", words));
    }
}
