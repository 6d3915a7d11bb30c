package io.ridgeline.cli.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.ridgeline.client.AppendResult;
import io.ridgeline.client.NodeStatus;
import io.ridgeline.client.RecordedEvent;
import io.ridgeline.client.StreamVersions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Prints objects as JSON, one a line. The names of the fields are a contract.
public final class JsonLines {
    private final JsonGenerator json;

    /// Prints to a stream, which is flushed only by [#flush].
    public JsonLines(OutputStream out) {
        try {
            json = JsonText.FACTORY.createGenerator(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        json.setPrettyPrinter(new MinimalPrettyPrinter(""));
    }

    private interface Fields {
        void write() throws IOException;
    }

    private void object(Fields fields) {
        try {
            json.writeStartObject();
            fields.write();
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Hands everything to the stream.
    public void flush() {
        try {
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An event.
    public void event(RecordedEvent event) {
        object(() -> {
            json.writeStringField("id", event.id().toString());
            json.writeStringField("stream", event.stream());
            json.writeNumberField("version", event.version());
            json.writeNumberField("partition", Integer.toUnsignedLong(event.partition()));
            json.writeNumberField("sequence", event.sequence());
            json.writeStringField("type", event.type());
            if (!event.contentType().isEmpty()) {
                json.writeStringField("contentType", event.contentType());
            }
            value("data", event.data());
            value("metadata", event.metadata());
            json.writeObjectFieldStart("tags");
            for (Map.Entry<String, String> tag : event.tags().entrySet()) {
                json.writeStringField(tag.getKey(), tag.getValue());
            }
            json.writeEndObject();
            json.writeStringField("timestamp", event.created().toString());
            String key = event.partitionKey();
            if (!key.equals(event.stream())) {
                json.writeStringField("partitionKey", key);
            }
        });
    }

    /// JSON as it is, nothing as null, anything else as `…Base64`.
    private void value(String name, ByteBuffer bytes) throws IOException {
        if (!bytes.hasRemaining()) {
            json.writeNullField(name);
            return;
        }
        String text = JsonText.oneLine(bytes);
        if (text != null) {
            json.writeFieldName(name);
            json.writeRawValue(text);
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            json.writeFieldName(name + "Base64");
            json.writeBinary(copy);
        }
    }

    /// A transaction that took effect.
    public void appended(AppendResult result) {
        object(() -> {
            json.writeNumberField("partition", Integer.toUnsignedLong(result.partition()));
            json.writeNumberField("firstSequence", result.firstSequence());
            json.writeNumberField("lastSequence", result.lastSequence());
            json.writeArrayFieldStart("streams");
            for (StreamVersions stream : result.streams()) {
                json.writeStartObject();
                json.writeStringField("stream", stream.stream());
                json.writeNumberField("firstVersion", stream.firstVersion());
                json.writeNumberField("lastVersion", stream.lastVersion());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("events");
            for (UUID id : result.eventIds()) {
                json.writeString(id.toString());
            }
            json.writeEndArray();
            json.writeBooleanField("duplicate", result.isDuplicate());
        });
    }

    /// A node's status.
    public void status(NodeStatus status) {
        object(() -> {
            json.writeStringField("node", status.node());
            json.writeStringField("version", status.version());
            json.writeBooleanField("ready", status.ready());
            json.writeArrayFieldStart("partitions");
            for (NodeStatus.Partition partition : status.partitions()) {
                partition(partition);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("members");
            for (NodeStatus.Member member : status.members()) {
                json.writeStartObject();
                json.writeStringField("node", member.node());
                json.writeStringField("state", member.state());
                text("startedAt", member.startedAt().map(Instant::toString).orElse(null));
                text("clientAddress", member.clientAddress());
                if (member.protocol().isPresent()) {
                    NodeStatus.Protocol protocol = member.protocol().get();
                    json.writeObjectFieldStart("protocol");
                    json.writeNumberField("min", protocol.min());
                    json.writeNumberField("max", protocol.max());
                    json.writeNumberField("used", protocol.used());
                    json.writeEndObject();
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("cluster", status.cluster());
        });
    }

    private void partition(NodeStatus.Partition partition) throws IOException {
        json.writeStartObject();
        json.writeNumberField("partition", Integer.toUnsignedLong(partition.partition()));
        text("coordinator", partition.coordinator());
        json.writeNumberField("epoch", partition.epoch());
        json.writeNumberField("watermark", partition.watermark());
        json.writeArrayFieldStart("replicas");
        for (String replica : partition.replicas()) {
            json.writeString(replica);
        }
        json.writeEndArray();
        json.writeStringField("role", partition.role());
        json.writeNumberField("unconfirmedEntries", partition.unconfirmedEntries());
        json.writeEndObject();
    }

    private void text(String name, @Nullable String value) throws IOException {
        if (value == null || value.isEmpty()) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    /// Numbers, in the order of the map.
    public void numbers(Map<String, Number> numbers) {
        object(() -> {
            for (Map.Entry<String, Number> entry : numbers.entrySet()) {
                write(json, entry.getKey(), entry.getValue());
            }
        });
    }

    /// {@return an error as one line, without its end}
    public static String error(String code, String message, Map<String, Object> details) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JsonText.FACTORY.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("error", code);
            json.writeStringField("message", message);
            json.writeObjectFieldStart("details");
            for (Map.Entry<String, Object> detail : details.entrySet()) {
                write(json, detail.getKey(), detail.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, String name, Object value) throws IOException {
        json.writeFieldName(name);
        switch (value) {
            case Long number -> json.writeNumber(number);
            case Integer number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            default -> json.writeString(value.toString());
        }
    }
}
