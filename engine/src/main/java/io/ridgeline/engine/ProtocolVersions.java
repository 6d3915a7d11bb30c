package io.ridgeline.engine;

/// The protocol versions that a run speaks, both inclusive.
public record ProtocolVersions(int min, int max) {
    /// What this engine speaks.
    public static final ProtocolVersions CURRENT = new ProtocolVersions(1, 1);

    public ProtocolVersions {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("protocol versions " + min + " to " + max);
        }
    }
}
