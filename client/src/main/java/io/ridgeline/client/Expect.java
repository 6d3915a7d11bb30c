package io.ridgeline.client;

/// What a stream must be for a transaction to take effect.
public sealed interface Expect {
    /// {@return nothing is asked}
    static Expect any() {
        return Any.INSTANCE;
    }

    /// {@return the stream has no events}
    static Expect noStream() {
        return NoStream.INSTANCE;
    }

    /// {@return the stream has at least one event}
    static Expect streamExists() {
        return StreamExists.INSTANCE;
    }

    /// {@return the last event of the stream has exactly this version}
    ///
    /// @param lastVersion from 0; -1 means the same as [#noStream]
    static Expect version(long lastVersion) {
        return lastVersion == -1 ? NoStream.INSTANCE : new Version(lastVersion);
    }

    /// Nothing is asked.
    enum Any implements Expect {
        /// The one value.
        INSTANCE
    }

    /// The stream has no events.
    enum NoStream implements Expect {
        /// The one value.
        INSTANCE
    }

    /// The stream has at least one event.
    enum StreamExists implements Expect {
        /// The one value.
        INSTANCE
    }

    /// The last event of the stream has exactly this version.
    ///
    /// @param lastVersion from 0
    record Version(long lastVersion) implements Expect {
        /// Checks the version.
        public Version {
            if (lastVersion < 0) {
                throw new IllegalArgumentException("version " + lastVersion + " is below 0");
            }
        }
    }
}
