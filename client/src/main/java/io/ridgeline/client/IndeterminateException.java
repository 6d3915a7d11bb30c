package io.ridgeline.client;

/// The write may have happened. Repeat it with the same event ids and partition key to find out: it
/// takes effect once.
public final class IndeterminateException extends RidgelineException {
    IndeterminateException(Failure failure) {
        super(failure);
    }
}
