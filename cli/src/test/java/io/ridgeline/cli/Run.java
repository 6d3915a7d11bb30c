package io.ridgeline.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A command run in this process.
///
/// @param exit its exit code
/// @param out what it wrote to standard output
/// @param err what it wrote to standard error
record Run(int exit, String out, String err) {
    static Run of(String server, String input, Set<String> terminals, String... arguments) {
        return of(Map.of("RIDGELINE_SERVER", server), input, terminals, arguments);
    }

    static Run of(
            Map<String, String> environment,
            String input,
            Set<String> terminals,
            String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit =
                Ridgeline.run(
                        new Terminal(
                                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                                out,
                                err,
                                new HashMap<>(environment),
                                terminals),
                        arguments);
        return new Run(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    static String[] json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return all.toArray(String[]::new);
    }
}
