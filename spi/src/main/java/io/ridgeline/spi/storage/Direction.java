package io.ridgeline.spi.storage;

/// Which way a read goes.
public enum Direction {
    /// From older to newer.
    FORWARD,
    /// From newer to older.
    BACKWARD
}
