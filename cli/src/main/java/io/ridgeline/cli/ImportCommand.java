package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.cli.load.Importer;
import io.ridgeline.client.RidgelineClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "import",
        description = "Append the events of JSON lines.",
        footer = {
            "",
            "A line is an object with stream, type and data, and if wanted id, metadata, tags,",
            "timestamp (RFC 3339) and partitionKey. Without an id one is derived from what the line",
            "says and how many equal lines stand before it, so that the same input again, also after",
            "it has grown, adds only what is new. The order of the lines of a stream is kept.",
        })
final class ImportCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @ParentCommand Ridgeline ridgeline;
    @Spec CommandSpec spec;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();

    @Parameters(
            paramLabel = "FILE|-",
            arity = "0..1",
            defaultValue = STANDARD_INPUT,
            description = "The lines; standard input without it.")
    String file = STANDARD_INPUT;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "500",
            description = "How many events of a stream may share a transaction (${DEFAULT-VALUE}).")
    int batch = 500;

    @SuppressWarnings("NullAway.Init") // set by picocli
    ImportCommand() {}

    @Override
    public Integer call() throws IOException {
        if (batch < 1 || batch > Importer.BATCH_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--batch is a number from 1 to " + Importer.BATCH_MAX + ": " + batch);
        }
        boolean standardInput = file.equals(STANDARD_INPUT);
        Path path = standardInput ? null : Path.of(file);
        try (InputStream in =
                path == null ? ridgeline.terminal().in() : Files.newInputStream(path)) {
            run(in, path);
        }
        return 0;
    }

    private void run(InputStream in, @Nullable Path path) throws IOException {
        Terminal terminal = ridgeline.terminal();
        long size = path == null || !Files.isRegularFile(path) ? -1 : Files.size(path);
        Progress progress = new Progress(terminal, !common.json);
        long started = System.nanoTime();
        Importer.Result result;
        try (RidgelineClient client = server.connect(terminal)) {
            Importer[] self = new Importer[1];
            self[0] =
                    new Importer(
                            client,
                            path == null ? "standard input" : file,
                            batch,
                            () ->
                                    progress.show(
                                            size <= 0 ? -1 : (double) self[0].takenBytes() / size,
                                            self[0].events(),
                                            "events"));
            result = self[0].run(in);
        } finally {
            progress.end();
        }
        print(result, (System.nanoTime() - started) / 1e9, terminal);
    }

    private void print(Importer.Result result, double seconds, Terminal terminal) {
        if (common.json) {
            Map<String, Number> numbers = new LinkedHashMap<>();
            numbers.put("events", result.events());
            numbers.put("transactions", result.transactions());
            numbers.put("duplicates", result.duplicates());
            numbers.put("seconds", Math.round(seconds * 1_000) / 1_000.0);
            JsonLines lines = new JsonLines(terminal.out());
            lines.numbers(numbers);
            lines.flush();
            return;
        }
        Style style = terminal.outStyle();
        terminal.line(
                style.good("imported: ")
                        + "%,d new events".formatted(result.events() - result.duplicates())
                        + (result.duplicates() > 0
                                ? ", %,d were there already".formatted(result.duplicates())
                                : "")
                        + style.dim(
                                "  %,d transactions, %.1f s, %,.0f events/s"
                                        .formatted(
                                                result.transactions(),
                                                seconds,
                                                result.events() / seconds)));
    }
}
