package io.ridgeline.spi.storage;

import io.ridgeline.spi.event.MalformedTransactionException;

/// What an entry of a log is. Only [#TRANSACTION] carries events and consumes sequences.
public enum EntryKind {
    /// Events; the payload is an [io.ridgeline.spi.event.Transaction].
    TRANSACTION(1),
    /// The first entry of an epoch: who coordinates, and why.
    EPOCH_START(2),
    /// Members with their storage ids, quorum, protocol version, slots: always in full.
    CONFIGURATION(3),
    /// Hides an event whose sequence it names.
    TOMBSTONE(4);

    private final int code;

    EntryKind(int code) {
        this.code = code;
    }

    /// {@return the number that stands for the kind on wire and disk}
    public int code() {
        return code;
    }

    /// {@return the kind of a number}
    ///
    /// @throws MalformedTransactionException if there is none: an unknown kind is refused, never
    ///   skipped
    public static EntryKind of(int code) {
        return switch (code) {
            case 1 -> TRANSACTION;
            case 2 -> EPOCH_START;
            case 3 -> CONFIGURATION;
            case 4 -> TOMBSTONE;
            default ->
                    throw new MalformedTransactionException(
                            "entry kind " + code + " is unknown; known: 1 to 4");
        };
    }
}
