package io.ridgeline.client;

/// A message of the server is not what its protocol says. Becomes a [ServerFaultException] at the
/// edge.
final class MalformedMessageException extends RuntimeException {
    MalformedMessageException(String message) {
        super(message);
    }
}
