package io.ridgeline.cli.load;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ridgeline.cli.Uuids;
import io.ridgeline.cli.json.JsonText;
import io.ridgeline.client.EventData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes events of lines. What is not understood wholly is refused: a field that is misspelt would
/// otherwise be lost without a word.
final class LineParser {
    private static final String FIELDS =
            "stream, type, data, id, metadata, tags, timestamp, partitionKey";

    private final LineIds ids = new LineIds();
    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
    private CharBuffer chars = CharBuffer.allocate(64 * 1024);

    // The fields of the line at hand.
    private @Nullable String stream;
    private @Nullable String type;
    private @Nullable String data;
    private @Nullable UUID id;
    private @Nullable String metadata;
    private @Nullable Instant timestamp;
    private @Nullable String partitionKey;
    private @Nullable SortedMap<String, String> tags;

    /// {@return the event of a line}
    ///
    /// @throws LineException if the line is not exactly one
    Line parse(long number, ByteBuffer bytes) {
        decode(number, bytes);
        stream = null;
        type = null;
        data = null;
        id = null;
        metadata = null;
        timestamp = null;
        partitionKey = null;
        tags = null;
        try (JsonParser parser =
                JsonText.FACTORY.createParser(chars.array(), 0, chars.remaining())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new LineException(number, "not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                field(number, name, parser);
            }
            if (parser.nextToken() != null) {
                throw new LineException(number, "something follows the object");
            }
        } catch (IOException e) {
            throw new LineException(number, "not JSON: " + firstLine(e));
        }
        return line(number);
    }

    private static String firstLine(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private void decode(long number, ByteBuffer bytes) {
        if (chars.capacity() < bytes.remaining()) {
            chars = CharBuffer.allocate(Math.max(bytes.remaining(), 2 * chars.capacity()));
        }
        chars.clear();
        decoder.reset();
        int from = bytes.position();
        CoderResult result = decoder.decode(bytes, chars, true);
        if (result.isUnderflow()) {
            result = decoder.flush(chars);
        }
        if (result.isError()) {
            throw new LineException(
                    number, "not valid UTF-8 at byte " + (bytes.position() - from + 1));
        }
        chars.flip();
    }

    private void field(long number, String name, JsonParser parser) throws IOException {
        switch (name) {
            case "stream" -> stream = text(number, name, stream, parser);
            case "type" -> type = text(number, name, type, parser);
            case "partitionKey" -> partitionKey = text(number, name, partitionKey, parser);
            case "data" -> data = raw(number, name, data, parser);
            case "metadata" -> metadata = raw(number, name, metadata, parser);
            case "id" -> {
                String text = text(number, name, id, parser);
                id =
                        Uuids.parse(text)
                                .orElseThrow(() ->
                                        new LineException(number, "id is not a UUID: " + text));
            }
            case "timestamp" -> {
                String text = text(number, name, timestamp, parser);
                try {
                    timestamp = OffsetDateTime.parse(text).toInstant();
                } catch (DateTimeException e) {
                    throw new LineException(number, "timestamp is not RFC 3339: " + text);
                }
            }
            case "tags" -> tags = tags(number, parser);
            default ->
                    throw new LineException(
                            number, "unknown field '" + name + "'; there are " + FIELDS);
        }
    }

    private static String text(long number, String name, @Nullable Object before, JsonParser parser)
            throws IOException {
        once(number, name, before);
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new LineException(number, name + " is not a string");
        }
        return parser.getText();
    }

    private static void once(long number, String name, @Nullable Object before) {
        if (before != null) {
            throw new LineException(number, name + " is there twice");
        }
    }

    /// The value as it is written; the server stores bytes, not numbers that were rounded on the
    /// way.
    private String raw(long number, String name, @Nullable Object before, JsonParser parser)
            throws IOException {
        once(number, name, before);
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getCharOffset();
        return new String(chars.array(), from, to - from);
    }

    private SortedMap<String, String> tags(long number, JsonParser parser) throws IOException {
        once(number, "tags", tags);
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new LineException(number, "tags is not an object");
        }
        SortedMap<String, String> found = new TreeMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            String value = text(number, "tag '" + key + "'", found.get(key), parser);
            requireUnicode(number, key);
            requireUnicode(number, value);
            found.put(key, value);
        }
        return found;
    }

    /// JSON can name half a surrogate pair, which no UTF-8 can hold.
    private static void requireUnicode(long number, String text) {
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new LineException(number, "half a surrogate pair is not valid UTF-8");
            }
            at += Character.charCount(point);
        }
    }

    private Line line(long number) {
        if (stream == null || type == null) {
            throw new LineException(number, (stream == null ? "stream" : "type") + " is missing");
        }
        requireUnicode(number, stream);
        requireUnicode(number, type);
        if (partitionKey != null) {
            requireUnicode(number, partitionKey);
        }
        EventData event = EventData.json(type, data == null ? "" : data);
        if (metadata != null) {
            event = event.withMetadata(metadata);
        }
        if (tags != null) {
            for (Map.Entry<String, String> tag : tags.entrySet()) {
                event = event.withTag(tag.getKey(), tag.getValue());
            }
        }
        if (timestamp != null) {
            event = event.withCreated(timestamp);
        }
        String key = partitionKey == null ? stream : partitionKey;
        return new Line(
                number,
                key,
                stream,
                event.withId(id == null ? ids.of(key, stream, event, timestamp) : id));
    }
}
