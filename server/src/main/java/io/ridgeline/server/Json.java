package io.ridgeline.server;

import java.util.Locale;

/// Writes JSON.
public final class Json {
    private final StringBuilder text = new StringBuilder("{");

    /// Adds a member.
    public Json put(String name, String value) {
        return raw(name, quoted(value));
    }

    /// Adds a member.
    public Json put(String name, long value) {
        return raw(name, Long.toString(value));
    }

    /// Adds a member.
    public Json put(String name, boolean value) {
        return raw(name, Boolean.toString(value));
    }

    /// Adds a member.
    public Json put(String name, Iterable<String> values) {
        StringBuilder array = new StringBuilder("[");
        for (String value : values) {
            array.append(array.length() == 1 ? "" : ",").append(quoted(value));
        }
        return raw(name, array.append(']').toString());
    }

    /// Adds a member.
    public Json put(String name, Json value) {
        return raw(name, value.toString());
    }

    private Json raw(String name, String value) {
        text.append(text.length() == 1 ? "" : ",").append(quoted(name)).append(':').append(value);
        return this;
    }

    private static String quoted(String value) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
