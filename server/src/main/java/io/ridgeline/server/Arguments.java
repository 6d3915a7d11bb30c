package io.ridgeline.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// What stands on a command line: `--name value`, `--name=value`, `-Dkey=value`, `--json` and
/// words.
///
/// @param words in their order
/// @param json whether results and errors are for a program
public record Arguments(List<String> words, boolean json) {
    /// Arguments that are none of ours.
    public static final class UsageException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        /// @param message says which, and what was expected
        public UsageException(String message) {
            super(message);
        }
    }

    public Arguments {
        words = List.copyOf(words);
    }

    /// Takes a command line apart.
    ///
    /// @param names of the options that have a value
    /// @param option is given each such option with its value, in their order
    /// @param property is given each key with its value, in the same order
    /// @throws UsageException if an argument cannot be understood
    public static Arguments scan(
            List<String> arguments,
            Set<String> names,
            BiConsumer<String, String> option,
            BiConsumer<String, String> property) {
        List<String> words = new ArrayList<>();
        boolean json = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.startsWith("-D")) {
                if (equals < 3) {
                    throw new UsageException(argument + " is not -Dkey=value");
                }
                property.accept(argument.substring(2, equals), argument.substring(equals + 1));
            } else if (argument.startsWith("--")) {
                String name = equals < 0 ? argument : argument.substring(0, equals);
                if (!names.contains(name)) {
                    throw new UsageException("unknown option " + name);
                }
                if (equals < 0 && ++i == arguments.size()) {
                    throw new UsageException(name + " needs a value");
                }
                option.accept(name, equals < 0 ? arguments.get(i) : argument.substring(equals + 1));
            } else {
                words.add(argument);
            }
        }
        return new Arguments(words, json);
    }
}
