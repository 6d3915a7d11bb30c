package io.ridgeline.spi.storage;

/// A storage that cannot do what was asked. The message says what happened to which file or row,
/// and what to do next.
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What a caller can do about it.
    public enum Kind {
        /// No space for what was asked; nothing of it was stored. Reads go on; try again later.
        FULL,
        /// The disk's answer to a write or sync was not a clear yes. The bucket accepts nothing
        /// more: a second sync may report success for lost pages. The replicas of the bucket are
        /// rebuilt.
        FAILED,
        /// What was read is not what was written. It is not served; other entries are.
        DAMAGED,
        /// Another process uses the data.
        IN_USE,
        /// Written by a version that this one does not know.
        UNKNOWN_VERSION,
        /// Used after it was closed, or after [#FAILED].
        CLOSED,
        /// An entry or a value is larger than the storage takes.
        TOO_LARGE
    }

    private final Kind kind;

    /// A failure with its message.
    public StorageException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// A failure with its message and what caused it.
    public StorageException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// {@return what a caller can do about it}
    public Kind kind() {
        return kind;
    }
}
