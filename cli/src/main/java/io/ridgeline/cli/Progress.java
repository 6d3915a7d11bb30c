package io.ridgeline.cli;

import java.util.concurrent.TimeUnit;

/// A line on a terminal that says how far something is, once it takes longer than a second.
final class Progress {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int BAR_WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final boolean shown;
    private final long started = System.nanoTime();
    private long next = started + FIRST_NANOS;
    private boolean drawn;

    Progress(Terminal terminal, boolean wanted) {
        this.terminal = terminal;
        this.shown = wanted && terminal.errIsTerminal();
    }

    /// Draws it again if it is time.
    ///
    /// @param share of the whole that is done, from 0 to 1; below 0 if the whole is not known
    void show(double share, long count, String noun) {
        long now = System.nanoTime();
        if (!shown || now - next < 0) {
            return;
        }
        next = now + INTERVAL_NANOS;
        drawn = true;
        double seconds = (now - started) / 1e9;
        String bar = "";
        if (share >= 0) {
            int filled = (int) Math.round(Math.min(share, 1) * BAR_WIDTH);
            bar =
                    "[%s%s] %3.0f %%  "
                            .formatted(
                                    "#".repeat(filled),
                                    ".".repeat(BAR_WIDTH - filled),
                                    Math.min(share, 1) * 100);
        }
        terminal.err()
                .print(
                        CLEAR_LINE
                                + "%s%,d %s, %,.0f/s".formatted(bar, count, noun, count / seconds));
        terminal.err().flush();
    }

    /// Takes it away.
    void end() {
        if (drawn) {
            terminal.err().print(CLEAR_LINE);
            terminal.err().flush();
        }
    }
}
