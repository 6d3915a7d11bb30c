package io.ridgeline.server;

import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.storage.StorageException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.util.Optional;

/// What went wrong, for whoever started the node.
///
/// @param code for a program
/// @param message in one line, for a person
public record Failure(String code, String message) {

    /// {@return what the user can do something about; empty if it is a failure of the program}
    public static Optional<Failure> of(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            Optional<Failure> known =
                    switch (each) {
                        case ConfigurationException e -> failure("INVALID_CONFIGURATION", e);
                        case StorageException e -> failure("STORAGE_" + e.kind(), e);
                        case BindException e -> failure("PORT_IN_USE", e);
                        case UncheckedIOException e when e.getCause() != null ->
                                Optional.of(
                                        new Failure(
                                                "IO_ERROR",
                                                oneLine(e.getMessage())
                                                        + ": "
                                                        + oneLine(e.getCause().toString())));
                        default -> Optional.empty();
                    };
            if (known.isPresent()) {
                return known;
            }
        }
        return Optional.empty();
    }

    private static Optional<Failure> failure(String code, Exception e) {
        return Optional.of(new Failure(code, oneLine(e.getMessage())));
    }

    private static String oneLine(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    /// Says it on standard error.
    ///
    /// @param json whether to a program
    public void print(boolean json) {
        System.err.println(
                json
                        ? new Json()
                                .put("error", code)
                                .put("message", message)
                                .put("details", new Json())
                        : "ridgeline: " + message);
    }
}
