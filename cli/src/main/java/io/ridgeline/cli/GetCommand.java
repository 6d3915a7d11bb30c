package io.ridgeline.cli;

import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.RidgelineClient;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "get", description = "Print one event.")
final class GetCommand implements Callable<Integer> {
    @ParentCommand Ridgeline ridgeline;
    @Spec CommandSpec spec;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "ID", description = "The event's id.")
    String id = "";

    @Option(
            names = "--partition-key",
            paramLabel = "K",
            description = "Look only there, which is cheaper.")
    String partitionKey = "";

    @SuppressWarnings("NullAway.Init") // set by picocli
    GetCommand() {}

    @Override
    public Integer call() {
        UUID uuid =
                Uuids.parse(id)
                        .orElseThrow(() ->
                                new ParameterException(
                                        spec.commandLine(), "ID is not a UUID: '" + id + "'"));
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient client = server.connect(terminal)) {
            RecordedEvent event =
                    client.get(uuid, partitionKey)
                            .orElseThrow(() ->
                                    new UserError(
                                            "NOT_FOUND",
                                            "there is no event " + id,
                                            Map.of("id", id)));
            EventPrinter printer = new EventPrinter(terminal, common.json);
            printer.print(event);
            printer.flush();
        }
        return 0;
    }
}
