package io.ridgeline.client;

/// A condition on a stream did not hold.
public final class VersionConflictException extends RidgelineException {
    VersionConflictException(Failure failure) {
        super(failure);
    }

    /// {@return the stream}
    public String stream() {
        return details().getOrDefault("stream", "");
    }

    /// {@return what was expected of it, in the server's words}
    public String expected() {
        return details().getOrDefault("expected", "");
    }

    /// {@return the version of its last event when the server decided; -1 without events}
    public long currentVersion() {
        return failure().number("current_version", -1);
    }
}
