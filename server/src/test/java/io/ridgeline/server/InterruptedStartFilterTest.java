package io.ridgeline.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class InterruptedStartFilterTest {
    private static final String TASKS = "io.quarkus.runtime.StartupContext";

    @Test
    void dropsWhatASignalInterrupted() {
        assertThat(isLogged(TASKS, interrupted())).isFalse();
    }

    @Test
    void keepsOtherFailuresOfTheSameTasks() {
        assertThat(isLogged(TASKS, new IllegalStateException("port"))).isTrue();
    }

    @Test
    void keepsWhatOthersSayOfAnInterrupt() {
        assertThat(isLogged("io.ridgeline.runtime.node.Node", interrupted())).isTrue();
    }

    private static Throwable interrupted() {
        return new IllegalStateException("closing", new InterruptedException());
    }

    private static boolean isLogged(String logger, Throwable thrown) {
        LogRecord logged = new LogRecord(Level.SEVERE, "Running a shutdown task failed");
        logged.setLoggerName(logger);
        logged.setThrown(thrown);
        return new InterruptedStartFilter().isLoggable(logged);
    }
}
