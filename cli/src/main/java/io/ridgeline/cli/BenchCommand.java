package io.ridgeline.cli;

import io.ridgeline.cli.bench.Bench;
import io.ridgeline.cli.bench.Measurement;
import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.client.RidgelineClient;
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
        name = "bench",
        description = "Measure a cluster as its callers see it.",
        footer = {
            "",
            "append: each caller appends one event, and its next when the answer is there; with",
            "        --blocking it is a thread that waits.",
            "bulk:   transactions of --batch events, very many under way.",
            "read:   each caller reads everything, over and over; a wait is for 1,000 events.",
            "",
            "Writes real events, to streams that begin with 'bench-'.",
        })
final class BenchCommand implements Callable<Integer> {
    enum What {
        append,
        bulk,
        read
    }

    private static final double WARM_UP_SECONDS = 3;

    @ParentCommand Ridgeline ridgeline;
    @Spec CommandSpec spec;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "append|bulk|read", description = "What to measure.")
    What what = What.append;

    @Option(
            names = "--callers",
            paramLabel = "K",
            defaultValue = "1",
            description = "How many callers at once (${DEFAULT-VALUE}).")
    int callers = 1;

    @Option(
            names = "--size",
            paramLabel = "B",
            defaultValue = "256",
            description = "Bytes of data in an event (${DEFAULT-VALUE}).")
    int size = 256;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "5",
            description = "How long to measure (${DEFAULT-VALUE}).")
    double seconds = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description =
                    "Seconds to run before, with 64 callers at first (as --seconds, at most 3).")
    @Nullable Double warmUp;

    @Option(
            names = "--streams",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many streams to write to (${DEFAULT-VALUE}).")
    int streams = 1_000;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "100",
            description = "Events to a transaction of bulk (${DEFAULT-VALUE}).")
    int batch = 100;

    @Option(
            names = "--blocking",
            description = "Make each caller of append a thread that waits for its answer.")
    boolean blocking;

    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchCommand() {}

    @Override
    public Integer call() {
        require(callers > 0 && callers <= 100_000, "--callers is a number from 1 to 100000");
        require(size >= 0 && size <= 1 << 20, "--size is a number from 0 to 1048576");
        require(seconds > 0 && seconds <= 86_400, "--seconds is above 0 and at most a day");
        double warmUpSeconds = warmUp == null ? Math.min(WARM_UP_SECONDS, seconds) : warmUp;
        require(
                warmUpSeconds >= 0 && warmUpSeconds <= 3_600,
                "--warm-up is at least 0 and at most an hour");
        require(streams > 0 && streams <= 10_000_000, "--streams is a number from 1 to 10000000");
        require(batch > 0 && batch <= 1_000, "--batch is a number from 1 to 1000");
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient probe = server.connect(terminal)) {
            // Says at once that nobody is there, instead of counting it as errors.
            probe.status();
        }
        Measurement measurement;
        try (RidgelineClient client = server.connectPatiently(terminal)) {
            Bench bench = new Bench(client, callers, size, warmUpSeconds, seconds, streams);
            measurement =
                    switch (what) {
                        case append -> blocking ? bench.appendBlocking() : bench.append();
                        case bulk -> bench.bulk(batch);
                        case read -> bench.read();
                    };
        }
        print(measurement, terminal);
        return 0;
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private void print(Measurement measurement, Terminal terminal) {
        if (common.json) {
            Map<String, Number> numbers = new LinkedHashMap<>();
            numbers.put("perSecond", Math.round(measurement.perSecond() * 10) / 10.0);
            numbers.put("p50Micros", measurement.p50Micros());
            numbers.put("p99Micros", measurement.p99Micros());
            numbers.put("p999Micros", measurement.p999Micros());
            numbers.put("maxMicros", measurement.maxMicros());
            numbers.put("errors", measurement.errors());
            JsonLines lines = new JsonLines(terminal.out());
            lines.numbers(numbers);
            lines.flush();
            return;
        }
        Style style = terminal.outStyle();
        terminal.line(style.bold("%,.0f events/s".formatted(measurement.perSecond())));
        Table table = new Table("wait for", "p50 µs", "p99 µs", "p99.9 µs", "longest µs", "errors");
        table.row(
                measurement.unit(),
                "%,d".formatted(measurement.p50Micros()),
                "%,d".formatted(measurement.p99Micros()),
                "%,d".formatted(measurement.p999Micros()),
                "%,d".formatted(measurement.maxMicros()),
                measurement.errors());
        table.lines(style).forEach(terminal::line);
        measurement
                .errorsByCode()
                .forEach((code, count) -> terminal.line(style.bad(count + " × " + code)));
    }
}
