package io.ridgeline.cli;

import io.ridgeline.client.EventHandler;
import io.ridgeline.client.Position;
import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.Source;
import io.ridgeline.client.Subscription;
import io.ridgeline.client.SubscriptionBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "subscribe",
        description = "Print events: those that are there, and then those to come.",
        footer = {
            "",
            "Goes on by itself after a lost connection. Ends at --count or --until-live, else when it",
            "is stopped.",
        })
final class SubscribeCommand implements Callable<Integer> {
    @ParentCommand Ridgeline ridgeline;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin SourceOptions source = new SourceOptions();

    @Option(
            names = "--from",
            paramLabel = "N|start|end",
            defaultValue = "start",
            description = "Where to start, as for 'read' (${DEFAULT-VALUE}).")
    String from = "start";

    @Option(
            names = "--prefix",
            paramLabel = "P",
            description = "Only streams that begin so; may be given several times.")
    List<String> prefixes = List.of();

    @Option(
            names = "--type",
            paramLabel = "T",
            description = "Only this type; may be given several times.")
    List<String> types = List.of();

    @Option(
            names = "--tag",
            paramLabel = "K=V",
            description = "Only with this tag; of several, with all of them.")
    Map<String, String> tags = Map.of();

    @Option(names = "--count", paramLabel = "N", description = "End after so many events.")
    @Nullable String count;

    @Option(names = "--until-live", description = "End when what was there has been printed.")
    boolean untilLive;

    @SuppressWarnings("NullAway.Init") // set by picocli
    SubscribeCommand() {}

    @Override
    public Integer call() throws Exception {
        Source what = source.source();
        long first = from.equals("start") || from.equals("end") ? 0 : source.number("--from", from);
        long most = count == null ? Long.MAX_VALUE : source.number("--count", count);
        if (most == 0) {
            return 0;
        }
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient client = server.connect(terminal)) {
            SubscriptionBuilder builder = client.subscribe(what);
            if (from.equals("end")) {
                builder.fromEnd();
            } else if (what instanceof Source.Everything) {
                builder.after(SourceOptions.before(client, first));
            } else {
                builder.from(first);
            }
            prefixes.forEach(builder::streamPrefix);
            types.forEach(builder::type);
            tags.forEach(builder::tag);
            Printing printing =
                    new Printing(new EventPrinter(terminal, common.json), most, untilLive);
            try (Subscription subscription = builder.start(printing)) {
                var _ = printing.end.thenRun(subscription::close);
                subscription.done().get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
        return 0;
    }

    /// Prints until it has enough.
    private static final class Printing implements EventHandler {
        final java.util.concurrent.CompletableFuture<@Nullable Void> end =
                new java.util.concurrent.CompletableFuture<>();
        private final EventPrinter printer;
        private final boolean untilLive;
        private long remaining;

        Printing(EventPrinter printer, long most, boolean untilLive) {
            this.printer = printer;
            this.remaining = most;
            this.untilLive = untilLive;
        }

        @Override
        public void onEvent(RecordedEvent event) {
            if (remaining > 0) {
                remaining--;
                printer.print(event);
            }
        }

        @Override
        public void onEvents(List<RecordedEvent> events) {
            events.forEach(this::onEvent);
            // What came together is shown together, and nothing waits in a buffer for what is to
            // come.
            printer.flush();
            if (remaining == 0) {
                end.complete(null);
            }
        }

        @Override
        public void onCaughtUp(Position position) {
            if (untilLive) {
                end.complete(null);
            }
        }
    }
}
