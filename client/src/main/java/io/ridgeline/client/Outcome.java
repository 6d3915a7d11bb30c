package io.ridgeline.client;

/// Whether a failed call may have had an effect.
public enum Outcome {
    /// It had none, and never will have.
    NOTHING_HAPPENED,
    /// It may have taken effect, or may yet do so. Repeating it with the same event ids and
    /// partition key is safe: it takes effect once, and the repeat gives the first result.
    UNKNOWN
}
