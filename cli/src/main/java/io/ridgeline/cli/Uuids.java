package io.ridgeline.cli;

import java.util.Optional;
import java.util.UUID;

/// Reads UUIDs in their canonical form only: the JDK takes `1-1-1-1-1`, too.
public final class Uuids {
    private static final int LENGTH = 36;

    private Uuids() {}

    /// {@return the UUID, or nothing if the text is none}
    public static Optional<UUID> parse(String text) {
        if (text.length() != LENGTH) {
            return Optional.empty();
        }
        try {
            UUID id = UUID.fromString(text);
            return id.toString().equalsIgnoreCase(text) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
