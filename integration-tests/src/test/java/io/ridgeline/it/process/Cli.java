package io.ridgeline.it.process;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The `ridgeline` command, pointed at one node.
public final class Cli {
    private final Path folder;
    private final String server;

    /// @param folder where it runs and leaves its output
    /// @param port of the node on this machine
    public Cli(Path folder, int port) {
        this.folder = folder;
        this.server = "localhost:" + port;
    }

    /// {@return a command, not yet started}
    public Command command(String... arguments) {
        return Command.ridgeline(folder, arguments).with("RIDGELINE_SERVER", server);
    }

    /// Runs a command to its end.
    public Outcome run(String... arguments) {
        return command(arguments).run();
    }

    /// Runs a command with `--json` that must succeed with one line.
    public JsonNode json(String... arguments) {
        return good(run(withJson(arguments))).json();
    }

    /// Runs a command with `--json` that must succeed.
    public List<JsonNode> lines(String... arguments) {
        return good(run(withJson(arguments))).lines();
    }

    /// Runs a command with `--json` that must fail with that exit code.
    ///
    /// @return the error
    public JsonNode error(int exit, String... arguments) {
        Outcome outcome = run(withJson(arguments));
        if (outcome.exit() != exit || !outcome.out().isEmpty()) {
            throw new AssertionError(
                    "exit "
                            + exit
                            + " and no output expected of "
                            + List.of(arguments)
                            + ": "
                            + outcome);
        }
        return outcome.error();
    }

    private static Outcome good(Outcome outcome) {
        if (outcome.exit() != 0) {
            throw new AssertionError("exit 0 expected: " + outcome);
        }
        return outcome;
    }

    private static String[] withJson(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return all.toArray(String[]::new);
    }
}
