package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonText;
import io.ridgeline.client.RecordedEvent;
import java.nio.ByteBuffer;
import java.util.Map;

/// An event as people read it: a line that says what happened where and when, then its content.
final class EventText {
    private static final String INDENTATION = "  ";
    private static final int SHOWN_BYTES_MAX = 64;

    private final Style style;

    EventText(Style style) {
        this.style = style;
    }

    String of(RecordedEvent event) {
        StringBuilder text = new StringBuilder();
        text.append(style.name(event.stream()))
                .append(" @")
                .append(event.version())
                .append("  ")
                .append(style.bold(event.type()))
                .append("  ")
                .append(event.created())
                .append(
                        style.dim(
                                "  partition "
                                        + Integer.toUnsignedString(event.partition())
                                        + " #"
                                        + event.sequence()
                                        + "  "
                                        + event.id()));
        if (!event.partitionKey().equals(event.stream())) {
            text.append(style.dim("  key ")).append(event.partitionKey());
        }
        content(text, "", event.data());
        content(text, style.dim("metadata "), event.metadata());
        Map<String, String> tags = event.tags();
        if (!tags.isEmpty()) {
            text.append('\n').append(INDENTATION).append(style.dim("tags"));
            tags.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
        }
        return text.toString();
    }

    private static void content(StringBuilder text, String name, ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return;
        }
        text.append('\n').append(INDENTATION).append(name);
        String json = JsonText.oneLine(bytes);
        String plain = json == null ? JsonText.utf8(bytes) : null;
        if (json != null) {
            text.append(JsonText.pretty(json, INDENTATION).substring(INDENTATION.length()));
        } else if (plain != null && plain.chars().noneMatch(EventText::isUnprintable)) {
            text.append(plain.replace("\n", "\n" + INDENTATION));
        } else {
            hex(text, bytes);
        }
    }

    private static boolean isUnprintable(int c) {
        return Character.isISOControl(c) && c != '\n' && c != '\t';
    }

    private static void hex(StringBuilder text, ByteBuffer bytes) {
        text.append(bytes.remaining()).append(" bytes:");
        int shown = Math.min(bytes.remaining(), SHOWN_BYTES_MAX);
        for (int i = 0; i < shown; i++) {
            text.append(' ').append("%02x".formatted(bytes.get(bytes.position() + i)));
        }
        text.append(shown < bytes.remaining() ? " …" : "");
    }
}
