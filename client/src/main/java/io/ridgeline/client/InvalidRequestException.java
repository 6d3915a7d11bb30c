package io.ridgeline.client;

/// The request can never be accepted as it is: malformed, beyond a limit, or a position of another
/// history.
public final class InvalidRequestException extends RidgelineException {
    InvalidRequestException(Failure failure) {
        super(failure);
    }
}
