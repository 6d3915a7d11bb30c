package io.ridgeline.client;

/// What to read or to follow.
public sealed interface Source {
    /// {@return the events of a stream, in the order of their versions}
    ///
    /// @param stream the stream; its partition key is the stream itself
    static Source stream(String stream) {
        return new OneStream(stream, "");
    }

    /// {@return the events of a stream, in the order of their versions}
    ///
    /// @param stream the stream
    /// @param partitionKey what it was written with
    static Source stream(String stream, String partitionKey) {
        return new OneStream(stream, partitionKey.equals(stream) ? "" : partitionKey);
    }

    /// {@return the events of a partition, in the order of their sequences}
    ///
    /// @param partition its number
    static Source partition(int partition) {
        return new OnePartition(partition);
    }

    /// {@return all events; within a partition in the order of sequences, between partitions in no
    /// order that means anything}
    static Source all() {
        return Everything.INSTANCE;
    }

    /// A stream.
    ///
    /// @param stream the stream
    /// @param partitionKey empty if it is the stream itself
    record OneStream(String stream, String partitionKey) implements Source {}

    /// A partition.
    ///
    /// @param partition its number
    record OnePartition(int partition) implements Source {}

    /// All partitions.
    enum Everything implements Source {
        /// The one value.
        INSTANCE
    }
}
