package io.ridgeline.client;

/// Why a call failed. Names are those of the server's answers; those that only the client gives are
/// said so.
public enum ErrorCode {
    /// A condition on a stream did not hold. See [VersionConflictException].
    VERSION_CONFLICT,
    /// An event id is taken by another event of the partition key, or only some of the ids are
    /// there.
    EVENT_ID_CONFLICT,
    /// The request can never be accepted. Detail: `field`.
    INVALID_REQUEST,
    /// Beyond a limit of the server. Detail: `limit`.
    TOO_LARGE,
    /// There is no such event or partition.
    NOT_FOUND,
    /// The node does not coordinate the partition. Detail: `coordinator`.
    NOT_COORDINATOR,
    /// Too few replicas are in contact with the coordinator.
    QUORUM_UNAVAILABLE,
    /// Too much is queued, in the server or in this client. Detail: `retry_after_millis`.
    OVERLOADED,
    /// The server's disk is full; reads go on.
    STORAGE_FULL,
    /// The time allowed is over.
    TIMEOUT,
    /// Nobody knows whether the write happened.
    INDETERMINATE,
    /// The node is starting or stopping.
    NOT_READY,
    /// What was asked for is damaged on the node.
    DAMAGED,
    /// A bug in the server.
    INTERNAL,
    /// The server fails fast after many errors. Detail: `retry_after_millis`.
    CIRCUIT_OPEN,
    /// The position is of another history than the partition.
    HISTORY_MISMATCH,
    /// The node does not hold the partition that was to be read or followed. Details: `replicas`.
    NOT_REPLICA,
    /// Given by the client only: no server could be reached, or the connection was lost.
    UNAVAILABLE,
    /// Given by the client only: it was closed, or an earlier transaction that this one had to
    /// follow failed.
    CANCELLED,
    /// Given by the client only: the server answered with something that this version does not
    /// know.
    UNRECOGNIZED;

    /// Whether the same request may succeed later, here or at another node.
    boolean isTransient() {
        return switch (this) {
            case NOT_COORDINATOR,
                    NOT_REPLICA,
                    QUORUM_UNAVAILABLE,
                    OVERLOADED,
                    TIMEOUT,
                    INDETERMINATE,
                    NOT_READY,
                    CIRCUIT_OPEN,
                    UNAVAILABLE ->
                    true;
            default -> false;
        };
    }

    /// What the answer says about the one attempt that it answers.
    Outcome outcomeOfAttempt() {
        return switch (this) {
            case TIMEOUT, INDETERMINATE, INTERNAL, UNRECOGNIZED -> Outcome.UNKNOWN;
            default -> Outcome.NOTHING_HAPPENED;
        };
    }
}
