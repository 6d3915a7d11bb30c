package io.ridgeline.engine;

import io.ridgeline.spi.NodeId;
import org.jspecify.annotations.Nullable;

/// The answer to an [AdminCommand].
public sealed interface CommandResult {

    /// It is done and confirmed.
    record Done() implements CommandResult {}

    /// Nothing was done.
    record Refused(String reason) implements CommandResult {}

    /// Ask the coordinator.
    record NotCoordinator(@Nullable NodeId coordinator) implements CommandResult {}

    /// It was begun, and its end is not known here.
    record Unknown(String reason) implements CommandResult {}
}
