package io.ridgeline.client;

/// The request was refused and nothing happened; the same may succeed later.
public final class RefusedException extends RidgelineException {
    RefusedException(Failure failure) {
        super(failure);
    }
}
