package io.ridgeline.client;

/// An event id is taken by another event of the same partition key, or only some ids of the
/// transaction are there already.
public final class EventIdConflictException extends RidgelineException {
    EventIdConflictException(Failure failure) {
        super(failure);
    }
}
