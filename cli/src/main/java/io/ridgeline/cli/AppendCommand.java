package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.cli.json.JsonText;
import io.ridgeline.client.Append;
import io.ridgeline.client.AppendResult;
import io.ridgeline.client.EventData;
import io.ridgeline.client.Expect;
import io.ridgeline.client.RidgelineClient;
import io.ridgeline.client.StreamVersions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
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
        name = "append",
        description = "Append one event to a stream.",
        footer = {
            "",
            "Data that is JSON is stored as it is; other data gets the content type",
            "text/plain or application/octet-stream.",
        })
final class AppendCommand implements Callable<Integer> {
    @ParentCommand Ridgeline ridgeline;
    @Spec CommandSpec spec;
    @Mixin CommonOptions common = new CommonOptions();
    @Mixin ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "STREAM", description = "The stream.")
    String stream = "";

    @Option(names = "--type", required = true, paramLabel = "T", description = "What happened.")
    String type = "";

    @Option(
            names = "--data",
            paramLabel = "D|@FILE|-",
            description = "The data itself, a file, or standard input.")
    @Nullable String data;

    @Option(
            names = "--id",
            paramLabel = "UUID",
            description = "The event's id, to repeat an append safely; made up otherwise.")
    @Nullable String id;

    @Option(names = "--metadata", paramLabel = "J", description = "Metadata, as JSON.")
    @Nullable String metadata;

    @Option(
            names = "--partition-key",
            paramLabel = "K",
            description = "What decides the partition, if not the stream.")
    @Nullable String partitionKey;

    @Option(
            names = "--expect",
            paramLabel = "E",
            defaultValue = "any",
            description = "any, none, exists, or the version of the stream's last event.")
    String expect = "any";

    @Option(names = "--tag", paramLabel = "K=V", description = "A tag; may be given several times.")
    Map<String, String> tags = Map.of();

    @SuppressWarnings("NullAway.Init") // set by picocli
    AppendCommand() {}

    @Override
    public Integer call() throws IOException {
        Expect expected = expectation();
        EventData event = event();
        Terminal terminal = ridgeline.terminal();
        try (RidgelineClient client = server.connect(terminal)) {
            Append append = append(client, event).expect(expected);
            if (partitionKey != null) {
                append.partitionKey(partitionKey);
            }
            print(append.send(), terminal);
        }
        return 0;
    }

    private Append append(RidgelineClient client, EventData event) {
        try {
            return client.append(stream).event(event);
        } catch (IllegalArgumentException e) {
            throw wrong("STREAM: " + e.getMessage());
        }
    }

    private Expect expectation() {
        return switch (expect) {
            case "any" -> Expect.any();
            case "none" -> Expect.noStream();
            case "exists" -> Expect.streamExists();
            default -> {
                if (!expect.matches("[0-9]{1,18}")) {
                    throw wrong(
                            "--expect is any, none, exists or a version from 0: '" + expect + "'");
                }
                yield Expect.version(Long.parseLong(expect));
            }
        };
    }

    private EventData event() throws IOException {
        byte[] bytes = data();
        String contentType = "";
        if (bytes.length > 0 && JsonText.oneLine(ByteBuffer.wrap(bytes)) == null) {
            contentType =
                    JsonText.utf8(ByteBuffer.wrap(bytes)) == null
                            ? "application/octet-stream"
                            : "text/plain";
        }
        EventData event = EventData.of(type, contentType, bytes);
        if (id != null) {
            event = event.withId(uuid(id));
        }
        if (metadata != null) {
            byte[] json = metadata.getBytes(StandardCharsets.UTF_8);
            if (JsonText.oneLine(ByteBuffer.wrap(json)) == null) {
                throw wrong("--metadata is not JSON: " + metadata);
            }
            event = event.withMetadata(json);
        }
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            event = event.withTag(tag.getKey(), tag.getValue());
        }
        return event;
    }

    private byte[] data() throws IOException {
        if (data == null) {
            return new byte[0];
        } else if (data.equals("-")) {
            return ridgeline.terminal().in().readAllBytes();
        } else if (data.startsWith("@")) {
            return Files.readAllBytes(Path.of(data.substring(1)));
        }
        return data.getBytes(StandardCharsets.UTF_8);
    }

    private UUID uuid(String text) {
        return Uuids.parse(text).orElseThrow(() -> wrong("--id is not a UUID: '" + text + "'"));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void print(AppendResult result, Terminal terminal) {
        if (common.json) {
            JsonLines lines = new JsonLines(terminal.out());
            lines.appended(result);
            lines.flush();
            return;
        }
        Style style = terminal.outStyle();
        StreamVersions versions = result.streams().get(0);
        terminal.line(
                style.good(result.isDuplicate() ? "was there already: " : "appended: ")
                        + style.name(versions.stream())
                        + " @"
                        + versions.firstVersion()
                        + style.dim(
                                "  partition "
                                        + Integer.toUnsignedString(result.partition())
                                        + " #"
                                        + result.firstSequence()
                                        + "  "
                                        + result.eventIds().get(0)));
    }
}
