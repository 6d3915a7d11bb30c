package io.ridgeline.spi;

/// The version of these contracts. A provider built for another major version is refused at the
/// start, by name. Minor versions only add.
public final class SpiVersion {
    /// Raised when a provider built before could fail or misbehave.
    public static final int MAJOR = 1;

    /// Raised when something was added.
    public static final int MINOR = 0;

    private SpiVersion() {}
}
