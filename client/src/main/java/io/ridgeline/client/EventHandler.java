package io.ridgeline.client;

import java.util.List;

/// Takes the events of a subscription, one call at a time, on the subscription's own thread. It may
/// block: the server then waits. What it throws ends the subscription.
public interface EventHandler {
    /// Takes an event.
    ///
    /// @param event the next one, in the order of the source
    void onEvent(RecordedEvent event);

    /// Takes the events that came together; hands them to [#onEvent] unless overridden. The
    /// subscription's position moves when it returns.
    ///
    /// @param events at least one
    default void onEvents(List<RecordedEvent> events) {
        for (RecordedEvent event : events) {
            onEvent(event);
        }
    }

    /// All events up to here were handed over, or did not match: a place to store, and to go on
    /// from after a restart.
    ///
    /// @param position what was seen
    default void onCheckpoint(Position position) {}

    /// What was there when the subscription began was handed over; what follows is live. May come
    /// again after a lost connection.
    ///
    /// @param position what was seen
    default void onCaughtUp(Position position) {}
}
