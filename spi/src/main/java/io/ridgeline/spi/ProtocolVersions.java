package io.ridgeline.spi;

import java.util.OptionalInt;

/// The versions of the protocol between nodes that one of them speaks. Two nodes use the highest
/// that both speak; two that share none do not talk at all.
///
/// @param min the lowest, from 1
/// @param max the highest
public record ProtocolVersions(int min, int max) {
    /// What is spoken by a node that does not say: those of the first release did not.
    public static final ProtocolVersions FIRST = new ProtocolVersions(1, 1);

    public ProtocolVersions {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("protocol versions " + min + " to " + max);
        }
    }

    /// {@return the highest version that is among both; empty if there is none}
    public OptionalInt shared(ProtocolVersions other) {
        int highest = Math.min(max, other.max);
        return highest < Math.max(min, other.min) ? OptionalInt.empty() : OptionalInt.of(highest);
    }

    @Override
    public String toString() {
        return min == max ? Integer.toString(min) : min + " to " + max;
    }
}
