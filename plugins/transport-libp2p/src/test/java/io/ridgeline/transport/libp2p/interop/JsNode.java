package io.ridgeline.transport.libp2p.interop;

import io.ridgeline.transport.libp2p.multiformats.Multiaddr;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/// A js-libp2p node in a process of its own. Its packages are installed into `target/` with the
/// versions of the lock file; without node, or without a registry, tests are skipped and say why.
final class JsNode implements AutoCloseable {
    private static final Path SOURCES = Path.of("src", "test", "js");
    private static final Path FOLDER = Path.of("target", "js");
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", "interop.mjs");
    private static final Pattern LISTENING = Pattern.compile("\"listening\":\"([^\"]+)\"");

    private final Process process;
    private final BufferedReader output;
    private final Multiaddr address;

    private JsNode(Process process) throws IOException {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        Matcher matcher = LISTENING.matcher(line());
        if (!matcher.find()) {
            throw new IOException("the js node does not say where it listens");
        }
        this.address = Multiaddr.parse(matcher.group(1));
    }

    static JsNode start() throws IOException {
        install();
        return new JsNode(
                new ProcessBuilder("node", "interop.mjs")
                        .directory(FOLDER.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    private static void install() throws IOException {
        Files.createDirectories(FOLDER);
        Path installed = FOLDER.resolve("node_modules").resolve(".package-lock.json");
        Path lock = FOLDER.resolve("package-lock.json");
        boolean same =
                Files.exists(installed)
                        && Files.exists(lock)
                        && Files.mismatch(lock, SOURCES.resolve("package-lock.json")) < 0;
        require("node", "--version");
        for (String file : FILES) {
            Files.copy(
                    SOURCES.resolve(file),
                    FOLDER.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        if (!same) {
            require("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        }
    }

    private static void require(String... command) throws IOException {
        String what = String.join(" ", command);
        try {
            Process tool =
                    new ProcessBuilder(command)
                            .directory(FOLDER.toFile())
                            .redirectErrorStream(true)
                            .start();
            String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!tool.waitFor(120, TimeUnit.SECONDS) || tool.exitValue() != 0) {
                throw skipped(what + " failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw skipped(what + " cannot be run: " + e.getMessage());
        }
    }

    private static TestAbortedException skipped(String reason) {
        System.err.println("SKIPPED: interoperability with js-libp2p: " + reason);
        return new TestAbortedException(reason);
    }

    Multiaddr address() {
        return address;
    }

    /// Lets the node dial us and run its cases.
    ///
    /// @return a line for each case, and at last one that says that it is done
    List<String> run(Multiaddr ours, Multiaddr notOurs) {
        try {
            Writer input = process.outputWriter(StandardCharsets.UTF_8);
            input.write("{\"dial\":\"" + ours + "\",\"wrong\":\"" + notOurs + "\"}\n");
            input.flush();
            List<String> lines = new ArrayList<>();
            do {
                lines.add(line());
            } while (!lines.getLast().contains("\"done\":true"));
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the js node has ended");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
