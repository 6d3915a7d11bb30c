package io.ridgeline.engine;

/// What an answer says about the write.
public enum Certainty {
    /// It was decided: appended, or refused against a state that was true.
    DECIDED,
    /// This attempt did nothing and never will.
    NOTHING_HAPPENED,
    /// It may have happened, or may happen yet; repeat it with the same event ids.
    UNKNOWN
}
