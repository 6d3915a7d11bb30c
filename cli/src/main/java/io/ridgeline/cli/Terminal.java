package io.ridgeline.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/// Where a command reads and writes, and what it may assume of the reader.
public final class Terminal {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream in;
    private final OutputStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final boolean outIsTerminal;
    private final boolean errIsTerminal;

    /// Any streams.
    ///
    /// @param terminals which of `out` and `err` a person looks at
    public Terminal(
            InputStream in,
            OutputStream out,
            OutputStream err,
            Map<String, String> environment,
            Set<String> terminals) {
        this.in = in;
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.environment = Map.copyOf(environment);
        this.outIsTerminal = terminals.contains("out");
        this.errIsTerminal = terminals.contains("err");
    }

    /// The process's own. The script says in a system property which of them are terminals: it can
    /// see that for nothing, while asking the JDK would load a whole console.
    static Terminal ofProcess() {
        return new Terminal(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                System.getenv(),
                Set.of(System.getProperty("ridgeline.terminal", "").split(",", -1)));
    }

    InputStream in() {
        return in;
    }

    /// Buffered; see [#flush].
    OutputStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /// {@return a variable of the environment, or the other value if it is unset or empty}
    String environment(String name, String otherwise) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? otherwise : value;
    }

    /// Writes a line to standard output.
    void line(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean outIsTerminal() {
        return outIsTerminal;
    }

    boolean errIsTerminal() {
        return errIsTerminal;
    }

    /// {@return how to colour standard output}
    Style outStyle() {
        return Style.of(outIsTerminal && allowsColour());
    }

    /// {@return how to colour standard error}
    Style errStyle() {
        return Style.of(errIsTerminal && allowsColour());
    }

    private boolean allowsColour() {
        return environment("NO_COLOR", "").isEmpty() && !environment("TERM", "").equals("dumb");
    }
}
