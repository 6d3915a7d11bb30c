package io.ridgeline.server.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The arguments of `ridgeline dev`, taken apart.
///
/// @param data the folder of the cluster
/// @param nodes how many there are to be; absent: as many as there are, or three
/// @param basePort the first port; absent: those that the cluster has, or from 8080
/// @param json whether output is for a program
/// @param settings `-Dkey=value` for every node
/// @param restart the node to start again, if that is what is asked
record DevLine(
        Path data,
        OptionalInt nodes,
        OptionalInt basePort,
        boolean json,
        List<String> settings,
        Optional<String> restart) {
    static final String USAGE =
            """
            usage: ridgeline dev [options]                a cluster of nodes on this machine
                   ridgeline dev restart NODE [options]   start one of its nodes again

              --nodes N               how many nodes, 1 to 7 (3)
              --data DIR              the cluster's folder (./cluster); what is there is resumed
              --base-port N           node i gets the ports N + 10 i (clients), + 1 (health and
                                      metrics), + 2 (other nodes) (8080; 0: any free ones)
              -Dkey=value             any key, for every node
              --json                  one object a line\
            """;

    private static final int NODES_MAX = 7;

    DevLine {
        settings = List.copyOf(settings);
    }

    /// @throws IllegalArgumentException if they cannot be understood
    static DevLine parse(List<String> arguments) {
        Path data = Path.of("cluster");
        OptionalInt nodes = OptionalInt.empty();
        OptionalInt basePort = OptionalInt.empty();
        boolean json = false;
        List<String> settings = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("-D")) {
                if (argument.indexOf('=') < 3) {
                    throw new IllegalArgumentException(argument + " is not -Dkey=value");
                }
                settings.add(argument);
            } else if (argument.startsWith("--")) {
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument : argument.substring(0, equals);
                if (!List.of("--nodes", "--data", "--base-port").contains(name)) {
                    throw new IllegalArgumentException("unknown option " + name);
                }
                if (equals < 0 && ++i == arguments.size()) {
                    throw new IllegalArgumentException(name + " needs a value");
                }
                String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
                switch (name) {
                    case "--nodes" -> nodes = OptionalInt.of(number(name, value, 1, NODES_MAX));
                    case "--base-port" -> basePort = OptionalInt.of(number(name, value, 0, 65_000));
                    default -> data = Path.of(value);
                }
            } else {
                words.add(argument);
            }
        }
        return new DevLine(data, nodes, basePort, json, settings, restart(words));
    }

    private static Optional<String> restart(List<String> words) {
        if (words.isEmpty()) {
            return Optional.empty();
        }
        if (words.size() == 2 && words.getFirst().equals("restart")) {
            return Optional.of(words.get(1));
        }
        throw new IllegalArgumentException(
                words.equals(List.of("restart"))
                        ? "which node is to be restarted?"
                        : "unknown command dev " + String.join(" ", words));
    }

    private static int number(String name, String value, int min, int max) {
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw new IllegalArgumentException(
                name + " " + value + ": expected a number from " + min + " to " + max);
    }
}
