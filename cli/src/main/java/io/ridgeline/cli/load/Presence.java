package io.ridgeline.cli.load;

import io.ridgeline.client.EventData;
import io.ridgeline.client.RecordedEvent;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Whether the event of a line is in the store.
///
/// @param line the line
/// @param state what was found under its id
record Presence(Line line, State state) {
    enum State {
        MISSING,
        SAME,
        OTHER
    }

    static Presence of(Line line, Optional<RecordedEvent> found) {
        return new Presence(
                line,
                found.map(it -> isSame(line, it) ? State.SAME : State.OTHER).orElse(State.MISSING));
    }

    private static boolean isSame(Line line, RecordedEvent found) {
        EventData event = line.event();
        return found.stream().equals(line.stream())
                && found.type().equals(event.type())
                && found.contentType().equals(event.contentType())
                && found.data().equals(ByteBuffer.wrap(event.data()))
                && found.metadata().equals(ByteBuffer.wrap(event.metadata()))
                && found.tags().equals(event.tags());
    }
}
