package io.ridgeline.engine;

/// What a writer expects of a stream, unconfirmed events included.
public sealed interface Expectation {

    /// {@return whether a stream whose last version is the given one, −1 without events, is as
    /// expected}
    boolean holdsFor(long lastVersion);

    /// Anything.
    record Any() implements Expectation {
        @Override
        public boolean holdsFor(long lastVersion) {
            return true;
        }
    }

    /// The stream has no events.
    record NoStream() implements Expectation {
        @Override
        public boolean holdsFor(long lastVersion) {
            return lastVersion < 0;
        }
    }

    /// The stream has events.
    record StreamExists() implements Expectation {
        @Override
        public boolean holdsFor(long lastVersion) {
            return lastVersion >= 0;
        }
    }

    /// The last event of the stream has this version, from 0.
    record ExactVersion(long version) implements Expectation {
        public ExactVersion {
            if (version < 0) {
                throw new IllegalArgumentException("version " + version + " is below 0");
            }
        }

        @Override
        public boolean holdsFor(long lastVersion) {
            return lastVersion == version;
        }
    }
}
