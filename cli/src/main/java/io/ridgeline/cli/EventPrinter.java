package io.ridgeline.cli;

import io.ridgeline.cli.json.JsonLines;
import io.ridgeline.client.RecordedEvent;

/// Prints events as they come, as JSON or for people.
final class EventPrinter {
    private final Terminal terminal;
    private final boolean json;
    private final JsonLines lines;
    private final EventText text;

    EventPrinter(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
        this.lines = new JsonLines(terminal.out());
        this.text = new EventText(terminal.outStyle());
    }

    void print(RecordedEvent event) {
        if (json) {
            lines.event(event);
        } else {
            terminal.line(text.of(event));
        }
    }

    void flush() {
        lines.flush();
        terminal.flush();
    }
}
