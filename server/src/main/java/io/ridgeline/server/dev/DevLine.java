package io.ridgeline.server.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/// The arguments of `ridgeline dev`, taken apart.
///
/// @param data the folder of the cluster
/// @param nodes how many there are to be; absent: as many as there are, or three
/// @param basePort the first port; absent: those that the cluster has, or from 8080
/// @param json whether output is for a program
/// @param settings keys with values, for every node
/// @param restart the node to start again, if that is what is asked; empty text: all that died
record DevLine(
        Path data,
        OptionalInt nodes,
        OptionalInt basePort,
        boolean json,
        SortedMap<String, String> settings,
        Optional<String> restart) {
    static final String USAGE =
            """
            usage: ridgeline dev [options]                a cluster of nodes on this machine
                   ridgeline dev restart [NODE]           start a node again, or all that died

              --nodes N               how many nodes, 1 to 7 (3)
              --data DIR              the cluster's folder (./cluster); what is there is resumed
              --base-port N           node i gets the ports N + 10 i (clients), + 1 (health and
                                      metrics), + 2 (other nodes) (8080; 0: any free ones)
              -Dkey=value             any key, for every node; kept for later starts
              --json                  one object a line\
            """;

    private static final int NODES_MAX = 7;

    DevLine {
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    /// @throws IllegalArgumentException if they cannot be understood
    static DevLine parse(List<String> arguments) {
        Path data = Path.of("cluster");
        OptionalInt nodes = OptionalInt.empty();
        OptionalInt basePort = OptionalInt.empty();
        boolean json = false;
        SortedMap<String, String> settings = new TreeMap<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("-D")) {
                int equals = argument.indexOf('=');
                if (equals < 3) {
                    throw new IllegalArgumentException(argument + " is not -Dkey=value");
                }
                settings.put(argument.substring(2, equals), argument.substring(equals + 1));
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
        if (words.size() <= 2 && words.getFirst().equals("restart")) {
            return Optional.of(words.size() == 2 ? words.get(1) : "");
        }
        throw new IllegalArgumentException("unknown command dev " + String.join(" ", words));
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
