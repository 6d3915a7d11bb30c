package io.ridgeline.server;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
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
    private static final SortedSet<String> OPTIONS = new TreeSet<>();

    static {
        KEYS.put("--data", "ridgeline.data");
        KEYS.put("--host", "ridgeline.host");
        KEYS.put("--port", "ridgeline.port");
        KEYS.put("--management-port", "ridgeline.management-port");
        KEYS.put("--node", "ridgeline.node");
        OPTIONS.addAll(KEYS.keySet());
        OPTIONS.add("--config");
    }

    /// @throws Arguments.UsageException if they cannot be understood
    static CommandLine parse(String... arguments) {
        SortedMap<String, String> properties = new TreeMap<>();
        String[] configFile = new String[1];
        Arguments scanned =
                Arguments.scan(
                        List.of(arguments),
                        OPTIONS,
                        (name, value) -> {
                            String key = KEYS.get(name);
                            if (key == null) {
                                configFile[0] = value;
                                return;
                            }
                            if (name.endsWith("port") && !PORT.matcher(value).matches()) {
                                throw new Arguments.UsageException(
                                        name + " " + value + ": expected a number from 0 to 65535");
                            }
                            properties.put(key, value);
                        },
                        (key, value) -> properties.put(key, value));
        return new CommandLine(
                command(scanned.words()),
                scanned.json(),
                Optional.ofNullable(configFile[0]),
                properties);
    }

    private static Command command(List<String> words) {
        for (Command command : Command.values()) {
            if (command.words.equals(String.join(" ", words))) {
                return command;
            }
        }
        throw new Arguments.UsageException(
                words.isEmpty()
                        ? "what is to be done?"
                        : "unknown command " + String.join(" ", words));
    }
}
