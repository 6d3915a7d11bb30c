package io.ridgeline.server.dev;

import io.quarkus.runtime.ImageMode;
import io.ridgeline.server.Arguments;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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
    private static final Set<String> OPTIONS = Set.of("--nodes", "--data", "--base-port");

    DevLine {
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    /// @throws Arguments.UsageException if they cannot be understood
    static DevLine parse(List<String> arguments) {
        SortedMap<String, String> options = new TreeMap<>();
        SortedMap<String, String> settings =
                ImageMode.current().isNativeImage() ? properties() : new TreeMap<>();
        Arguments scanned =
                Arguments.scan(
                        arguments,
                        OPTIONS,
                        (name, value) -> options.put(name, value),
                        (key, value) -> settings.put(key, value));
        return new DevLine(
                Path.of(options.getOrDefault("--data", "cluster")),
                number("--nodes", options, 1, NODES_MAX),
                number("--base-port", options, 0, 65_000),
                scanned.json(),
                settings,
                restart(scanned.words()));
    }

    /// A native executable takes `-Dkey=value` off the command line before it comes to us.
    private static SortedMap<String, String> properties() {
        SortedMap<String, String> found = new TreeMap<>();
        System.getProperties()
                .forEach((key, value) -> {
                    if (key.toString().startsWith("ridgeline.") && !key.equals(DevCommand.SCRIPT)) {
                        found.put(key.toString(), value.toString());
                    }
                });
        return found;
    }

    private static Optional<String> restart(List<String> words) {
        if (words.isEmpty()) {
            return Optional.empty();
        }
        if (words.size() <= 2 && words.getFirst().equals("restart")) {
            return Optional.of(words.size() == 2 ? words.get(1) : "");
        }
        throw new Arguments.UsageException("unknown command dev " + String.join(" ", words));
    }

    private static OptionalInt number(
            String name, SortedMap<String, String> options, int min, int max) {
        String value = options.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw new Arguments.UsageException(
                name + " " + value + ": expected a number from " + min + " to " + max);
    }
}
