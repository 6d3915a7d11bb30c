package io.ridgeline.client;

/// The server is damaged or has a bug, or answers what this client does not understand.
public final class ServerFaultException extends RidgelineException {
    ServerFaultException(Failure failure) {
        super(failure);
    }
}
