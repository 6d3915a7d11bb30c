package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.client.Outcome;
import io.ridgeline.client.RidgelineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Says on standard error what went wrong, as JSON or for people, and with which exit code.
final class Errors {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private final Terminal terminal;
    private final boolean json;

    Errors(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    int usage(ParameterException wrong) {
        report("USAGE", describe(wrong), Map.of());
        if (!json) {
            CommandLine at = wrong.getCommandLine();
            String suggestion = suggestion(wrong);
            terminal.err()
                    .println(
                            suggestion.isEmpty()
                                    ? "Try '" + at.getCommandSpec().qualifiedName() + " --help'."
                                    : suggestion);
        }
        return USAGE;
    }

    private static String describe(ParameterException wrong) {
        if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                && wrong.getCommandLine().getParent() == null) {
            return "there is no command '" + unmatched.getUnmatched().getFirst() + "'";
        }
        return message(wrong);
    }

    private static String message(Throwable failed) {
        return failed.getMessage() == null ? failed.toString() : failed.getMessage();
    }

    private static String suggestion(ParameterException wrong) {
        if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            return "Did you mean: " + String.join(", ", unmatched.getSuggestions()) + "?";
        }
        return "";
    }

    int failed(Exception failed) {
        switch (failed) {
            case RidgelineException known -> {
                Map<String, Object> details = new TreeMap<>(known.details());
                details.put("outcome", known.outcome().name());
                report(known.code().name(), known.getMessage(), details);
                if (known.outcome() == Outcome.UNKNOWN && !json) {
                    terminal.err()
                            .println(
                                    "It may have happened. Repeating it with the same --id is safe.");
                }
            }
            case UserError known -> report(known.code(), known.getMessage(), known.details());
            case UncheckedIOException io -> {
                return failed(io.getCause() == null ? new IOException(io) : io.getCause());
            }
            case IOException io -> {
                if ("Broken pipe".equals(io.getMessage())) {
                    // Whoever reads us has had enough, as 'head' does.
                    return FAILED;
                }
                report("IO", describe(io), Map.of());
            }
            default -> {
                report("INTERNAL", failed.toString(), Map.of());
                if (!json) {
                    failed.printStackTrace(terminal.err());
                }
            }
        }
        return FAILED;
    }

    private static String describe(IOException io) {
        if (io instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file";
        } else if (io instanceof FileSystemException file && file.getReason() != null) {
            return file.getFile() + ": " + file.getReason();
        }
        return message(io);
    }

    private void report(String code, String message, Map<String, Object> details) {
        if (json) {
            terminal.err().println(JsonLines.error(code, message, details));
        } else {
            terminal.err()
                    .println(
                            terminal.errStyle().bad("ridgeline: ")
                                    + message
                                    + (code.equals("USAGE") ? "" : " (" + code + ")"));
        }
    }
}
