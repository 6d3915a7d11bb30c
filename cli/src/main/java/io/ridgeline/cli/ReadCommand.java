package io.ridgeline.cli;

import io.ridgeline.client.EventIterator;
import io.ridgeline.client.Read;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "read",
        description = "Print the events that are there.",
        footer = {
            "",
            "--from is included: a version with --stream, a sequence with --partition, and a sequence",
            "in every partition with --all. Without --limit everything is printed.",
        })
final class ReadCommand implements Callable<Integer> {
    @ParentCommand Ridgeline ridgeline;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin SourceOptions source = new SourceOptions();

    @Option(names = "--from", paramLabel = "N", description = "Where to start.")
    @Nullable String from;

    @Option(names = "--limit", paramLabel = "N", description = "How many events at most.")
    @Nullable String limit;

    @Option(names = "--backward", description = "From newer to older events.")
    boolean backward;

    @SuppressWarnings("NullAway.Init") // set by picocli
    ReadCommand() {}

    @Override
    public Integer call() {
        Source what = source.source();
        boolean all = what instanceof Source.Everything;
        if (all && backward) {
            throw source.wrong("--backward goes with --stream or --partition");
        }
        long first = from == null ? -1 : source.number("--from", from);
        long count = limit == null ? -1 : source.number("--limit", limit);
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient client = server.connect(terminal)) {
            Read read = client.read(what);
            if (backward) {
                read.backward();
            }
            if (first >= 0 && all) {
                read.after(SourceOptions.before(client, first));
            } else if (first >= 0) {
                read.from(first);
            }
            if (count >= 0) {
                read.limit(count);
            }
            EventPrinter printer = new EventPrinter(terminal, common.json);
            try (EventIterator events = read.iterator()) {
                while (events.hasNext()) {
                    printer.print(events.next());
                }
            } finally {
                printer.flush();
            }
        }
        return 0;
    }
}
