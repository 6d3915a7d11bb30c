package io.ridgeline.client;

/// There is no such event or partition.
public final class NotFoundException extends RidgelineException {
    NotFoundException(Failure failure) {
        super(failure);
    }
}
