package io.ridgeline.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Bytes that may be JSON.
public final class JsonText {
    /// Makes parsers and generators. The names of an event's fields are not interned: they are
    /// data.
    public static final JsonFactory FACTORY =
            new JsonFactoryBuilder()
                    .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                    .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
                    .build();

    private JsonText() {}

    /// {@return strict UTF-8 as text; null if it is something else}
    public static @Nullable String utf8(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes.duplicate())
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// {@return the text of exactly one JSON value on one line; null if the bytes are something
    /// else}
    public static @Nullable String oneLine(ByteBuffer bytes) {
        String text = utf8(bytes);
        if (text == null || !isValue(text)) {
            return null;
        }
        // A line break in valid JSON stands between tokens, never in a string.
        return text.indexOf('\n') < 0 && text.indexOf('\r') < 0
                ? text
                : text.replace('\n', ' ').replace('\r', ' ');
    }

    private static boolean isValue(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    /// {@return a JSON value over several lines, each with an indentation before it}
    public static String pretty(String json, String indentation) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n" + indentation);
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(indenter);
        StringWriter out = new StringWriter();
        try (JsonParser parser = FACTORY.createParser(json);
                JsonGenerator generator = FACTORY.createGenerator(out)) {
            generator.setPrettyPrinter(printer);
            parser.nextToken();
            copy(parser, generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return indentation + out;
    }

    private static void copy(JsonParser parser, JsonGenerator generator) throws IOException {
        // Numbers as they were written: through a double some would change.
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            if (token.isNumeric()) {
                generator.writeNumber(parser.getText());
            } else {
                generator.copyCurrentEvent(parser);
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        } while (parser.nextToken() != null || depth > 0);
    }
}
