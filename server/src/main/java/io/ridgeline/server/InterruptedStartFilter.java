package io.ridgeline.server;

import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/// Keeps out of the log what Quarkus says of its own tasks when a signal ends a start in the
/// middle: they were interrupted, which is what was asked for.
@LoggingFilter(name = "interrupted-start")
public final class InterruptedStartFilter implements Filter {
    private static final String TASKS = "io.quarkus.runtime.StartupContext";

    @Override
    public boolean isLoggable(LogRecord record) {
        return !TASKS.equals(record.getLoggerName()) || !isInterrupt(record.getThrown());
    }

    private static boolean isInterrupt(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }
}
