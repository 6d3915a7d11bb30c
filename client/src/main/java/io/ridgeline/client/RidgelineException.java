package io.ridgeline.client;

import java.util.Map;

/// A call failed. The subclass says what the caller may do; [#outcome] says whether a write may
/// have happened. The client has already retried what is safe to retry.
///
/// | subclass | what to do |
/// | --- | --- |
/// | [VersionConflictException], [EventIdConflictException] | read, decide anew |
/// | [InvalidRequestException], [NotFoundException] | correct the request |
/// | [RefusedException] | try later: nothing happened |
/// | [IndeterminateException] | repeat with the same event ids |
/// | [ServerFaultException] | tell the operator |
public abstract sealed class RidgelineException extends RuntimeException
        permits VersionConflictException,
                EventIdConflictException,
                InvalidRequestException,
                NotFoundException,
                RefusedException,
                IndeterminateException,
                ServerFaultException {
    private final transient Failure failure;

    RidgelineException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }

    /// {@return what happened, for a person}
    @Override
    public final String getMessage() {
        return failure.message();
    }

    /// {@return why}
    public final ErrorCode code() {
        return failure.code();
    }

    /// {@return whether a write may have happened; reads always say that nothing happened}
    public final Outcome outcome() {
        return failure.outcome();
    }

    /// {@return detail for a program, by the names that the API documents}
    public final Map<String, String> details() {
        return failure.details();
    }
}
